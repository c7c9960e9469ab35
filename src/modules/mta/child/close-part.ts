/** Ends a pass over a part: the last outcomes and the part's new state go into one transaction. */

import type { Database } from "#foundation/database.ts";
import { isDatabaseAway } from "#foundation/database-errors.ts";
import { describeError } from "#foundation/errors.ts";
import type { Log } from "#foundation/log.ts";

import { countPending, finishPart, postponePart, settleLostPart } from "../part-store.ts";
import type { DatabaseWait } from "./await-database.ts";
import { nextAttempt } from "./next-attempt.ts";
import type { PartRun } from "./part-run.ts";
import { recordOutcomesOfPart } from "./record-outcomes-of-part.ts";

export type ClosedPart = "done" | "waiting" | "lost";

/**
 * Closes a part: done when every message has its final outcome, else waiting for the next attempt. Tries until the database
 * takes it; when sending ends before, the journal has it all and the server finishes the work.
 */
export async function closePart(
  run: PartRun,
  options: {
    db: Database;
    childId: string;
    now: () => Date;
    retryPeriodSec: number;
    retryCount: number;
    log: Log;
    databaseWait: DatabaseWait;
    signal: AbortSignal;
  },
): Promise<ClosedPart | undefined> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await closeOnce(run, options);
    } catch (error) {
      const event = isDatabaseAway(error) ? "mta.part_close_waits" : "mta.part_close_failed";
      if (failures === 1) options.log.warning(event, { partId: run.part.partId, reason: describeError(error) });
      if (options.signal.aborted) return undefined;
      await options.databaseWait.pause(failures, options.signal);
    }
  }
}

function closeOnce(
  run: PartRun,
  { db, childId, now, retryPeriodSec, retryCount }: Parameters<typeof closePart>[1],
): Promise<ClosedPart> {
  return recordOutcomesOfPart(db, run, async (tx) => {
    const { part } = run;
    if ((await countPending(tx, part)) === 0) {
      if ((await finishPart(tx, part.partId, childId)) > 0) return "done";
    } else {
      const next = nextAttempt({ ...run, attempts: part.attempts }, { now: now(), retryPeriodSec, retryCount });
      if ((await postponePart(tx, { partId: part.partId, childId, ...next })) > 0) return "waiting";
    }
    await settleLostPart(tx, part.partId, childId);
    return "lost";
  });
}
