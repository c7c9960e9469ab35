/** Makes an outcome safe: in the journal, or at once in the database when the journal cannot be written. Notes before that what leaves. */

import { recordOutcomes } from "#campaign/broadlog/record-outcomes.ts";
import { pause } from "#foundation/clock.ts";
import type { Database } from "#foundation/database.ts";
import { describeError } from "#foundation/errors.ts";
import type { Log } from "#foundation/log.ts";
import { retryConflicts } from "#foundation/retry-conflicts.ts";

import type { Journal, Receipt } from "../journal/open-journal.ts";
import type { JournalEntry } from "../journal/journal-record.ts";

export type OutcomeKeeper = {
  /** Resolves once the outcome would survive the death of this process; undefined when sending ended before that could be. */
  keep(entry: JournalEntry): Promise<Receipt | undefined>;
  /** Writes down that a content is about to leave; false when it must not. */
  note(delivery: { readonly deliveryId: number; readonly logDate: string }, broadLogId: number, at: Date): boolean;
  /** Brings to the disk that a content will leave; false when it must not. */
  announce(
    delivery: { readonly deliveryId: number; readonly logDate: string },
    broadLogId: number,
    at: Date,
  ): Promise<boolean>;
  /** What was noted has not left whole, and has no outcome. */
  withdraw(broadLogId: number): void;
  /** False while an outcome is held in memory only, or an intent cannot be written that must be: no new message may be sent then. */
  readonly isSafe: boolean;
};

const retryMs = 500;
const recorded: Receipt = { settle: () => undefined };

/**
 * Keeps outcomes until the signal is aborted.
 * @param needsIntents nothing leaves that is not written down; else an intent is left out where the journal cannot be written, and the
 * message is sent again after a kill without being known as in doubt
 */
export function openOutcomeKeeper(options: {
  journal: Journal;
  db: Database;
  log: Log;
  needsIntents: boolean;
  signal: AbortSignal;
}): OutcomeKeeper {
  const { journal, db, log, signal } = options;
  let unsafe = 0;
  /** Outcomes that the journal was given and has not written yet. */
  let unwritten = 0;
  let isBlocked = false;

  const keepAnywhere = async (entry: JournalEntry): Promise<Receipt | undefined> => {
    for (;;) {
      try {
        await retryConflicts(db, (tx) => recordOutcomes(tx, entry, [entry.outcome]));
        journal.withdraw(entry.outcome.broadLogId);
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

  const keepElsewhere = async (entry: JournalEntry, cause: unknown): Promise<Receipt | undefined> => {
    unsafe += 1;
    if (unsafe === 1) log.error("mta.sending_held", { reason: describeError(cause) });
    try {
      const receipt = await keepAnywhere(entry);
      if (receipt === undefined)
        log.error("mta.outcome_lost", { deliveryId: entry.deliveryId, broadLogId: entry.outcome.broadLogId });
      return receipt;
    } finally {
      unsafe -= 1;
      if (unsafe === 0) log.info("mta.sending_resumed");
    }
  };

  const waitForJournal = async (): Promise<void> => {
    log.error("mta.sending_held", { reason: "what leaves cannot be written to the journal" });
    while (!signal.aborted && !journal.isWritable()) await pause(retryMs, signal);
    isBlocked = false;
    log.info("mta.sending_resumed");
  };

  const blockUntilWritable = (): void => {
    if (isBlocked) return;
    isBlocked = true;
    void waitForJournal();
  };

  return {
    get isSafe() {
      return unsafe === 0 && !isBlocked && journal.isTrusted;
    },
    note: ({ deliveryId, logDate }, broadLogId, at) => {
      if (journal.note({ deliveryId, logDate, broadLogId, atMs: at.getTime() })) return true;
      // The same write should have made outcomes safe: until they are, nothing may begin.
      if (!options.needsIntents) return unwritten === 0;
      blockUntilWritable();
      return false;
    },
    announce: async ({ deliveryId, logDate }, broadLogId, at) => {
      if (await journal.announce({ deliveryId, logDate, broadLogId, atMs: at.getTime() })) return true;
      blockUntilWritable();
      return false;
    },
    withdraw: (broadLogId) => journal.withdraw(broadLogId),
    keep: async (entry) => {
      unwritten += 1;
      try {
        return await journal.append(entry);
      } catch (error) {
        return keepElsewhere(entry, error);
      } finally {
        unwritten -= 1;
      }
    },
  };
}
