/** Brings the outcomes of a part to the database while it is being sent, so that counters move. */

import { recordOutcomes } from "#campaign/broadlog/record-outcomes.ts";
import type { Database, Statements } from "#foundation/database.ts";
import { retryConflicts } from "#foundation/retry-conflicts.ts";

import type { PartRun } from "./part-run.ts";

/**
 * Records what has collected in one transaction, together with `also`; afterwards the journal no longer needs it.
 * What was collected stays when the transaction fails.
 */
export async function recordOutcomesOfPart<T>(
  db: Database,
  run: PartRun,
  also: (tx: Statements) => Promise<T>,
): Promise<T> {
  const batch = run.unrecorded;
  run.unrecorded = [];
  try {
    const result = await retryConflicts(db, async (tx) => {
      await recordOutcomes(
        tx,
        run.part,
        batch.map(({ outcome }) => outcome),
      );
      return also(tx);
    });
    for (const { receipt } of batch) receipt?.settle();
    return result;
  } catch (error) {
    run.unrecorded = [...batch, ...run.unrecorded];
    throw error;
  }
}
