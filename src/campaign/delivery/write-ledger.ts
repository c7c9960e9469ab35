/** Writes everything that a preparation leaves behind: one ledger row for each recipient, the parts, the links. */

import type { Database, Statements } from "#foundation/database.ts";
import { type DeliveryState, type FailureReason, failureReasons, nameOfCode } from "#schemas/codes.ts";

import type { Delivery } from "./delivery.ts";
import { partSize } from "./part-size.ts";
import {
  allowLargeSorts,
  collectTarget,
  countByReason,
  deleteFormerLedger,
  excludeDoubles,
  insertLedger,
  insertParts,
  readToday,
  reserveBroadLogIds,
} from "./preparation-store.ts";
import type { TargetCondition } from "./resolve-target.ts";
import { deleteOtherTrackingUrls, insertTrackingUrls } from "./tracking-url-store.ts";

export type Ledger = {
  readonly totalTarget: number;
  readonly reject: number;
  readonly toDeliver: number;
  readonly parts: number;
  /** `YYYY-MM-DD`, the partition of the rows. */
  readonly logDate: string;
  /** Recipients excluded, by reason. */
  readonly excluded: Readonly<Partial<Record<FailureReason, number>>>;
};

/**
 * Writes the ledger in the caller's transaction, in place of an earlier one.
 * @param given.advance tells how far it is, and throws when the delivery is no longer the caller's
 */
export async function writeLedger(given: {
  readonly db: Database;
  readonly tx: Statements;
  readonly delivery: Delivery;
  readonly target: TargetCondition;
  /** Stored addresses of the content's links. */
  readonly links: readonly string[];
  readonly advance: (state: DeliveryState) => Promise<void>;
}): Promise<Ledger> {
  const { db, tx, delivery, target, links, advance } = given;
  const { deliveryId } = delivery;
  await allowLargeSorts(tx);
  await deleteFormerLedger(tx, deliveryId, delivery.logDate);
  await collectTarget(tx, target);
  await advance("arbitration");
  await excludeDoubles(tx);
  const counts = await countByReason(tx);
  await advance("targetReady");

  const toDeliver = counts.get(0) ?? 0;
  const totalTarget = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const logDate = await readToday(tx);
  let parts = 0;
  if (totalTarget > 0) {
    const firstId = await reserveBroadLogIds(db, totalTarget);
    await insertLedger(tx, { deliveryId, logDate, firstId });
    const size = partSize(toDeliver, delivery.batchSize);
    parts = await insertParts(tx, {
      deliveryId,
      logDate,
      firstId,
      toDeliver,
      partSize: size,
      priority: delivery.priority,
    });
  }
  await advance("personalisation");
  await deleteOtherTrackingUrls(tx, deliveryId, links);
  await insertTrackingUrls(tx, deliveryId, links);
  await advance("messageReady");
  return { totalTarget, reject: totalTarget - toDeliver, toDeliver, parts, logDate, excluded: nameReasons(counts) };
}

function nameReasons(counts: ReadonlyMap<number, number>): Partial<Record<FailureReason, number>> {
  return Object.fromEntries(
    [...counts]
      .filter(([reason]) => reason !== 0)
      .map(([reason, count]) => [nameOfCode(failureReasons, reason) ?? String(reason), count]),
  );
}
