/**
 * Records what became of a delivery's messages: ledger, counters, quarantine and answers, all in the caller's transaction. Used by the
 * child that closes a part, and again by whoever replays its journal: what is recorded already is not counted twice.
 */

import type { Statements } from "#foundation/database.ts";
import { recordErrors } from "#campaign/quarantine/record-errors.ts";
import { recordSuccesses } from "#campaign/quarantine/record-successes.ts";

import { addToCounters, markAllowlisted, writeOutcomes } from "./broad-log-store.ts";
import { countAnswers } from "./count-answers.ts";
import type { Outcome } from "./outcome.ts";
import { qualifyTexts } from "./qualify-texts.ts";

export type RecordedOutcomes = {
  /** Rows that changed. */
  readonly changed: number;
  readonly success: number;
  readonly error: number;
  /** Addresses that these failures put into quarantine. */
  readonly quarantined: number;
};

/**
 * Records outcomes of one delivery. A final failure counts for the quarantine, a deferral does not.
 * Rows are locked in the order: messages, delivery, addresses, answers.
 */
export async function recordOutcomes(
  tx: Statements,
  delivery: { readonly deliveryId: number; readonly logDate: string },
  outcomes: readonly Outcome[],
): Promise<RecordedOutcomes> {
  const latest = keepLatest(outcomes);
  if (latest.length === 0) return { changed: 0, success: 0, error: 0, quarantined: 0 };
  const others = latest.filter((outcome) => !isPlain(outcome));
  const answerOf = await qualifyTexts(
    tx,
    others.filter(({ kind }) => kind !== "sent"),
  );
  const writes = others.map((outcome) => {
    const answer = outcome.kind === "sent" ? undefined : answerOf(outcome.text);
    return {
      ...outcome,
      failureType: answer?.failureType ?? outcome.failureType,
      failureReason: answer?.failureReason ?? outcome.failureReason,
      broadLogMsgId: answer?.id ?? 0,
      causesQuarantine: answer?.causesQuarantine ?? true,
    };
  });

  const written = await writeOutcomes(tx, delivery, latest.filter(isPlain), writes);
  const rows = new Map(written.others.map((row) => [row.broadLogId, row]));
  const changed = writes.flatMap((write) => {
    const row = rows.get(write.broadLogId);
    return row === undefined ? [] : [{ ...write, ...row, deliveryId: delivery.deliveryId }];
  });
  const failed = changed.filter(({ kind }) => kind === "failed" || kind === "held");
  const success = written.success + changed.filter(({ kind, isSeed }) => kind === "sent" && !isSeed).length;
  const error = failed.filter(({ isSeed }) => !isSeed).length;
  if (success + error > 0) await addToCounters(tx, delivery.deliveryId, { success, error });
  if (failed.length > 0)
    await markAllowlisted(
      tx,
      delivery.logDate,
      failed.map(({ broadLogId }) => broadLogId),
    );
  const quarantined = await recordErrors(
    tx,
    failed.filter(({ causesQuarantine }) => causesQuarantine),
  );
  await recordSuccesses(tx, written.withErrors);
  await countAnswers(tx, changed);
  return { changed: written.changed, success, error, quarantined: quarantined.length };
}

/** A message that left and was taken: of it nothing is recorded but when. */
function isPlain({ kind, isSimulated }: Outcome): boolean {
  return kind === "sent" && isSimulated !== true;
}

/** Of several outcomes of one message the final one holds, else the latest; in the order of ids. */
function keepLatest(outcomes: readonly Outcome[]): Outcome[] {
  const latest = new Map<number, Outcome>();
  const isFinal = ({ kind }: Outcome): boolean => kind === "sent" || kind === "failed" || kind === "held";
  for (const outcome of outcomes) {
    const known = latest.get(outcome.broadLogId);
    if (
      known === undefined ||
      (isFinal(outcome) && !isFinal(known)) ||
      (isFinal(outcome) === isFinal(known) && outcome.at > known.at)
    ) {
      latest.set(outcome.broadLogId, outcome);
    }
  }
  return [...latest.values()].sort((a, b) => a.broadLogId - b.broadLogId);
}
