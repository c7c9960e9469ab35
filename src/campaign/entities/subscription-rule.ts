/** Writing `nms:subscription`: its history says who subscribed and unsubscribed when. */

import type { FieldValue } from "#datamodel/write/field-value.ts";
import type { WriteRule } from "#datamodel/write/write-context.ts";
import { subscriptionActions } from "#schemas/codes.ts";

import { insertSubscriptionHistory } from "./entity-rules-store.ts";

const { subscription, unsubscription } = subscriptionActions;

export const subscriptionRule: WriteRule = {
  after: async (rows, { tx }) => {
    const added = rows.filter(({ isNew }) => isNew).map(({ key }) => numbers(key));
    if (added.length > 0) await insertSubscriptionHistory(tx, added, subscription);
  },
  deleted: async (rows, { tx }) => {
    // With the recipient or the service goes the history too.
    const ended = rows.filter(({ goesWithOwner }) => !goesWithOwner).map(({ key }) => numbers(key));
    if (ended.length > 0) await insertSubscriptionHistory(tx, ended, unsubscription);
  },
};

function numbers(key: readonly FieldValue[]): { readonly serviceId: number; readonly recipientId: number } {
  return { serviceId: Number(key[0]), recipientId: Number(key[1]) };
}
