/** Records any number of outcomes of one delivery, a lot at a time: no statement, and no transaction of a caller who has none, grows with them. */

import type { Outcome } from "#campaign/broadlog/outcome.ts";
import { recordOutcomes } from "#campaign/broadlog/record-outcomes.ts";
import type { Statements } from "#foundation/database.ts";

/** Does what records one lot: in a transaction of its own, or in the one that is under way. */
export type Recording = (record: (tx: Statements) => Promise<number>) => Promise<number>;

type Delivery = { readonly deliveryId: number; readonly logDate: string };

const outcomesPerLot = 1_000;

/**
 * Records outcomes in their order.
 * @returns how many rows changed: what the database knows already is not counted again
 */
export async function recordInLots(
  recording: Recording,
  { deliveryId, logDate }: Delivery,
  outcomes: readonly Outcome[],
): Promise<number> {
  let changed = 0;
  for (let from = 0; from < outcomes.length; from += outcomesPerLot) {
    const lot = outcomes.slice(from, from + outcomesPerLot);
    changed += await recording(async (tx) => (await recordOutcomes(tx, { deliveryId, logDate }, lot)).changed);
  }
  return changed;
}
