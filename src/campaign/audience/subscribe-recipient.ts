/** Subscribes a recipient to information services, and brings his profile up to date. */

import type { EntityInput, RawValue } from "#datamodel/write/entity-input.ts";
import { writeEntities } from "#datamodel/write/write-entities.ts";
import type { WriteContext } from "#datamodel/write/write-context.ts";

import { findServices, type InformationService } from "./find-services.ts";

/**
 * Writes the recipient and his subscriptions, all or nothing; the history is kept by the rule for `nms:subscription`.
 * One who is subscribed already stays so, for as long again.
 * @param order.services internal names, separated by commas
 * @param order.mayCreate a recipient who is not known is stored; else nothing happens
 * @returns false when there is no such recipient
 * @throws serviceUnknown, tooManyServices, and the errors of the writer
 */
export async function subscribeRecipient(
  context: WriteContext,
  order: {
    readonly services: string;
    readonly recipient: EntityInput;
    readonly mayCreate: boolean;
    readonly now: Date;
  },
): Promise<boolean> {
  const services = await findServices(context, order.services);
  const [written] = await writeEntities(context, [
    {
      ...order.recipient,
      operation: order.mayCreate ? "insertOrUpdate" : "update",
      collections: new Map([
        ...order.recipient.collections,
        ["subscription", services.map((service) => subscriptionTo(service, order.now))],
      ]),
    },
  ]);
  return written?.key !== undefined;
}

function subscriptionTo({ id, validityDays }: InformationService, now: Date): EntityInput {
  const expirationDate = validityDays === 0 ? null : new Date(now.getTime() + validityDays * 86_400_000).toISOString();
  return {
    schema: "nms:subscription",
    values: new Map<string, RawValue>([
      ["service-id", id],
      ["expirationDate", expirationDate],
    ]),
    links: new Map(),
    collections: new Map(),
  };
}
