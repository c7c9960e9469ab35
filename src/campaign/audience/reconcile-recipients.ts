/** Brings the people of a staged list into the audience: new ones are inserted, known ones brought up to date. */

import type { Statements } from "#foundation/database.ts";

import type { RecipientField } from "./recipient-fields.ts";
import {
  createStagedPeople,
  gatherOptOuts,
  insertStagedPeople,
  lockReconciliation,
  prepareReconciliation,
  updateStagedPeople,
} from "./recipient-store.ts";

export type Reconciliation = {
  readonly people: number;
  readonly inserted: number;
  readonly updated: number;
  /** Known, and exactly as the list says. */
  readonly unchanged: number;
};

type Options = {
  /** The fields that the list fills. */
  readonly fields: readonly RecipientField[];
  /** How many lines have an address. */
  readonly acceptedLines: number;
  readonly signal: AbortSignal;
};

/**
 * Reconciles `staged_line` with the recipients on the key of the address. Others who reconcile wait until the transaction
 * ends, so that two lists with the same people make no duplicates.
 */
export async function reconcileRecipients(
  tx: Statements,
  { fields, acceptedLines, signal }: Options,
): Promise<Reconciliation> {
  await prepareReconciliation(tx);
  await lockReconciliation(tx);
  signal.throwIfAborted();
  const people = await createStagedPeople(tx);
  if (people < acceptedLines) await gatherOptOuts(tx, fields);
  signal.throwIfAborted();
  const updated = await updateStagedPeople(tx, fields);
  signal.throwIfAborted();
  const inserted = await insertStagedPeople(tx, fields);
  return { people, inserted, updated, unchanged: people - inserted - updated };
}
