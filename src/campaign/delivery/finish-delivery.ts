/** Ends deliveries: when nothing is left to send, when an operator wished it, or when their time is over. */

import type { Database, Statements } from "#foundation/database.ts";
import { isPostriderError } from "#foundation/errors.ts";

import { deleteFiles } from "./delivery-file-store.ts";
import {
  cancelPending,
  cancelWaitingParts,
  countOpenParts,
  type EndingDelivery,
  failTried,
  listExpired,
  lockEnding,
  readForEnding,
  setEnd,
  setPaused,
} from "./end-delivery-store.ts";
import { deliveryMovedOn } from "./errors.ts";
import { runningStates } from "./preparing-states.ts";

/**
 * Finishes a delivery in progress when no part is waiting or claimed.
 * @returns true when this call finished it
 */
export function finishDelivery(db: Database, deliveryId: number): Promise<boolean> {
  return whileEnding(db, deliveryId, new Date(), async (tx, { state }) => {
    const { claimed, waiting } = await countOpenParts(tx, deliveryId);
    if (state !== "inProgress" || claimed + waiting > 0) return false;
    return await end(tx, deliveryId, { from: state, to: "finished", failures: 0 });
  });
}

/**
 * Carries the wish for a pause out, once no child has a part.
 * @returns true when the delivery is now paused by this call
 */
export function settlePause(db: Database, deliveryId: number): Promise<boolean> {
  return whileEnding(db, deliveryId, new Date(), async (tx, { state }) => {
    if (state !== "pauseRequested" || (await countOpenParts(tx, deliveryId)).claimed > 0) return false;
    return await setPaused(tx, deliveryId);
  });
}

/**
 * Carries the wish for a stop out: parts that wait are taken back at once, and once no child has a part, all that is not sent is
 * cancelled. A delivery that could not go on ends as failed.
 * @returns true when the delivery is now stopped by this call
 */
export function settleStop(db: Database, deliveryId: number): Promise<boolean> {
  return whileEnding(db, deliveryId, new Date(), async (tx, { state, logDate, hasFailed }) => {
    if (state !== "stopRequested") return false;
    await cancelWaitingParts(tx, deliveryId);
    if ((await countOpenParts(tx, deliveryId)).claimed > 0) return false;
    if (logDate !== undefined) await cancelPending(tx, deliveryId, logDate);
    return await end(tx, deliveryId, { from: state, to: hasFailed ? "failed" : "stopped", failures: 0 });
  });
}

/**
 * Ends deliveries whose validity is over, once no child has a part of them: what was tried in vain has failed as unreachable, what was
 * never tried is cancelled.
 * @returns ids of the deliveries that ended
 */
export async function expireDeliveries(db: Database, now: Date): Promise<number[]> {
  const ended: number[] = [];
  for (const deliveryId of await listExpired(db, now)) {
    if (await whileEnding(db, deliveryId, now, (tx, delivery) => expire(tx, deliveryId, delivery)))
      ended.push(deliveryId);
  }
  return ended;
}

async function expire(
  tx: Statements,
  deliveryId: number,
  { state, logDate, isExpired }: EndingDelivery,
): Promise<boolean> {
  if (!isExpired || !runningStates.some((running) => running === state)) return false;
  await cancelWaitingParts(tx, deliveryId);
  if ((await countOpenParts(tx, deliveryId)).claimed > 0) return false;
  const failures = logDate === undefined ? 0 : await failTried(tx, deliveryId, logDate);
  if (logDate !== undefined) await cancelPending(tx, deliveryId, logDate);
  return await end(tx, deliveryId, { from: state, to: "finished", failures });
}

/** Undoes the transaction when somebody has moved the delivery meanwhile. What was kept for its messages is not needed any more. */
async function end(tx: Statements, deliveryId: number, move: Parameters<typeof setEnd>[2]): Promise<true> {
  if (!(await setEnd(tx, deliveryId, move))) throw deliveryMovedOn({ deliveryId });
  await deleteFiles(tx, deliveryId);
  return true;
}

/** Two servers may want the same: the second finds the work done. */
async function whileEnding(
  db: Database,
  deliveryId: number,
  now: Date,
  work: (tx: Statements, delivery: EndingDelivery) => Promise<boolean>,
): Promise<boolean> {
  try {
    return await db.transaction(async (tx) => {
      await lockEnding(tx, deliveryId);
      const delivery = await readForEnding(tx, deliveryId, now);
      return delivery !== undefined && (await work(tx, delivery));
    });
  } catch (error) {
    if (isPostriderError(error) && error.code === deliveryMovedOn({ deliveryId }).code) return false;
    throw error;
  }
}
