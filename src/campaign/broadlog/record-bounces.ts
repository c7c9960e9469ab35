/** Records failures that were told after the server had taken the message: ledger, counters, quarantine and answers. */

import { recordErrors } from "#campaign/quarantine/record-errors.ts";
import type { Statements } from "#foundation/database.ts";
import { failureTypes } from "#schemas/codes.ts";

import {
  addBouncesToCounters,
  type BounceCount,
  type BouncedRow,
  markAllowlisted,
  updateBounced,
} from "./broad-log-store.ts";
import { countAnswers } from "./count-answers.ts";
import type { Bounce } from "./outcome.ts";
import { qualifyTexts } from "./qualify-texts.ts";

export type RecordedBounces = {
  /** Ids of the messages that became failed by these notices. */
  readonly changed: readonly number[];
  /** Addresses that they put into quarantine. */
  readonly quarantined: number;
};

/**
 * Records bounces of any deliveries. A notice that is ignored (an answer out of the office) changes nothing; one that was recorded
 * before is not counted again; one that overtakes the record of its sending makes the message failed for good.
 * Rows are locked in the order: messages, deliveries, addresses, answers.
 */
export async function recordBounces(tx: Statements, bounces: readonly Bounce[]): Promise<RecordedBounces> {
  const told = bounces.filter(isFailure);
  const answerOf = await qualifyTexts(tx, told);
  const writes = keepFirst(
    told.map((bounce) => {
      const answer = answerOf(bounce.text);
      return {
        ...bounce,
        failureType: answer?.failureType ?? bounce.failureType,
        failureReason: answer?.failureReason ?? bounce.failureReason,
        broadLogMsgId: answer?.id ?? 0,
        causesQuarantine: answer?.causesQuarantine ?? true,
      };
    }),
  ).filter(isFailure);
  if (writes.length === 0) return { changed: [], quarantined: 0 };

  const rows = await updateBounced(tx, writes);
  if (rows.length === 0) return { changed: [], quarantined: 0 };
  await addBouncesToCounters(tx, countByDelivery(rows.filter(({ isSeed }) => !isSeed)));
  for (const logDate of new Set(rows.map((row) => row.logDate))) {
    await markAllowlisted(
      tx,
      logDate,
      rows.filter((row) => row.logDate === logDate).map(({ broadLogId }) => broadLogId),
    );
  }
  const addresses = new Map(rows.map(({ broadLogId, address }) => [broadLogId, address]));
  const changed = writes.flatMap((write) => {
    const address = addresses.get(write.broadLogId);
    return address === undefined ? [] : [{ ...write, address }];
  });
  const quarantined = await recordErrors(
    tx,
    changed.filter(({ causesQuarantine }) => causesQuarantine),
  );
  await countAnswers(tx, changed);
  return { changed: changed.map(({ broadLogId }) => broadLogId), quarantined: quarantined.length };
}

function isFailure({ failureType }: { readonly failureType: number }): boolean {
  return failureType === failureTypes.soft || failureType === failureTypes.hard;
}

function keepFirst<T extends { readonly broadLogId: number }>(bounces: readonly T[]): T[] {
  const first = new Map<number, T>();
  for (const bounce of bounces) if (!first.has(bounce.broadLogId)) first.set(bounce.broadLogId, bounce);
  return [...first.values()].sort((a, b) => a.broadLogId - b.broadLogId);
}

function countByDelivery(rows: readonly BouncedRow[]): BounceCount[] {
  const counts = new Map<number, BounceCount>();
  for (const { deliveryId, wasSent } of rows) {
    const known = counts.get(deliveryId) ?? { deliveryId, sent: 0, notCounted: 0 };
    counts.set(deliveryId, {
      deliveryId,
      sent: known.sent + (wasSent ? 1 : 0),
      notCounted: known.notCounted + (wasSent ? 0 : 1),
    });
  }
  return [...counts.values()];
}
