/**
 * Stores the hits of a stretch of a file exactly once: log rows, sums per period, who read, the deliveries' indicators, opt-outs and the
 * cursor change in one transaction.
 */

import { optOutRecipients } from "#campaign/audience/opt-out-recipients.ts";
import type { Database, Statements } from "#foundation/database.ts";

import { trackingCursorMoved } from "./errors.ts";
import { type ConsolidationRules, type ReaderState, summarizeHits } from "./summarize-hits.ts";
import type { HitBatch, TrackedHit } from "./tracked-hit.ts";
import {
  addToIndicators,
  addToStats,
  copyTrackingLogs,
  listReaderStates,
  lockConsolidation,
  lockDeliveries,
  moveCursor,
  saveReaders,
} from "./tracking-store.ts";

export type Consolidation = {
  readonly storedHits: number;
  /** Opens soon after another one, and unsubscriptions after the first. */
  readonly repeatedHits: number;
  /** Hits of deliveries that do not exist any more. */
  readonly orphanHits: number;
  /** Recipients who had not opted out before. */
  readonly optOuts: number;
};

/**
 * Stores hits and moves the cursor behind them.
 * @throws trackingCursorMoved when these bytes were stored already; nothing is changed then
 */
export function consolidateHits(db: Database, batch: HitBatch, rules: ConsolidationRules): Promise<Consolidation> {
  return db.transaction(async (tx) => {
    await lockConsolidation(tx);
    if (!(await moveCursor(tx, batch))) throw trackingCursorMoved({ file: batch.file, offset: batch.fromOffset });
    if (batch.hits.length === 0) return { storedHits: 0, repeatedHits: 0, orphanHits: 0, optOuts: 0 };
    const summary = summarizeHits(batch.hits, await readStates(tx, batch.hits), rules);
    await copyTrackingLogs(tx, summary.rows);
    await addToStats(tx, summary.stats);
    await saveReaders(tx, summary.readers);
    await lockDeliveries(
      tx,
      summary.indicators.map(({ deliveryId }) => deliveryId),
    );
    await addToIndicators(tx, summary.indicators);
    const optOuts = await optOutRecipients(tx, summary.optOuts);
    const { repeatedHits, orphanHits } = summary;
    return { storedHits: summary.rows.length, repeatedHits, orphanHits, optOuts };
  });
}

/** Sorted, so that neighbors in the ledger are read together. */
function readStates(tx: Statements, hits: readonly TrackedHit[]): Promise<ReaderState[]> {
  const messages = new Map<number, Set<number>>();
  for (const { deliveryId, broadLogId } of hits) {
    const ofDelivery = messages.get(deliveryId);
    if (ofDelivery === undefined) messages.set(deliveryId, new Set([broadLogId]));
    else ofDelivery.add(broadLogId);
  }
  const deliveryIds: number[] = [];
  const broadLogIds: number[] = [];
  for (const [deliveryId, ofDelivery] of messages) {
    for (const broadLogId of [...ofDelivery].sort((a, b) => a - b)) {
      deliveryIds.push(deliveryId);
      broadLogIds.push(broadLogId);
    }
  }
  return listReaderStates(tx, deliveryIds, broadLogIds);
}
