/** Makes an outcome safe: in the journal, or at once in the database when the journal cannot be written. */

import { recordOutcomes } from "#campaign/broadlog/record-outcomes.ts";
import { pause } from "#foundation/clock.ts";
import type { Database } from "#foundation/database.ts";
import { describeError } from "#foundation/errors.ts";
import type { Log } from "#foundation/log.ts";

import type { Journal, Receipt } from "../journal/open-journal.ts";
import type { JournalEntry } from "../journal/journal-record.ts";

export type OutcomeKeeper = {
  /** Resolves once the outcome would survive the death of this process; undefined when sending ended before that could be. */
  keep(entry: JournalEntry): Promise<Receipt | undefined>;
  /** False while an outcome is held in memory only: no new message may be sent then. */
  readonly isSafe: boolean;
};

const retryMs = 500;
const recorded: Receipt = { settle: () => undefined };

/** Keeps outcomes until the signal is aborted. */
export function openOutcomeKeeper(options: {
  journal: Journal;
  db: Database;
  log: Log;
  signal: AbortSignal;
}): OutcomeKeeper {
  const { journal, db, log, signal } = options;
  let unsafe = 0;

  const keepAnywhere = async (entry: JournalEntry): Promise<Receipt | undefined> => {
    for (;;) {
      try {
        await db.transaction((tx) => recordOutcomes(tx, entry, [entry.outcome]));
        return recorded;
      } catch (error) {
        log.debug("mta.outcome_not_recorded", { reason: describeError(error) });
      }
      try {
        return await journal.append(entry);
      } catch (error) {
        log.debug("mta.outcome_not_journaled", { reason: describeError(error) });
      }
      if (signal.aborted) return undefined;
      await pause(retryMs, signal);
    }
  };

  return {
    get isSafe() {
      return unsafe === 0;
    },
    keep: async (entry) => {
      try {
        return await journal.append(entry);
      } catch (error) {
        unsafe += 1;
        if (unsafe === 1) log.error("mta.sending_held", { reason: describeError(error) });
        try {
          const receipt = await keepAnywhere(entry);
          if (receipt === undefined)
            log.error("mta.outcome_lost", { deliveryId: entry.deliveryId, broadLogId: entry.outcome.broadLogId });
          return receipt;
        } finally {
          unsafe -= 1;
          if (unsafe === 0) log.info("mta.sending_resumed");
        }
      }
    },
  };
}
