/** Makes a move that somebody asks for, or says why it cannot be made. */

import type { Statements } from "#foundation/database.ts";
import type { DeliveryState } from "#schemas/codes.ts";

import { moveState, type StateMove } from "./delivery-request-store.ts";
import { notifyDelivery } from "./delivery-store.ts";
import { unknownDelivery, wrongDeliveryState } from "./errors.ts";

/**
 * Moves a delivery and wakes the mta.
 * @param request.isDone states in which nothing is left to do
 * @returns the state it is in now
 * @throws unknownDelivery, wrongDeliveryState
 */
export async function moveDelivery(
  db: Statements,
  deliveryId: number,
  request: { readonly wish: string; readonly moves: readonly StateMove[]; readonly isDone: readonly DeliveryState[] },
): Promise<DeliveryState> {
  const move = await moveState(db, deliveryId, request.moves);
  if (move === undefined) throw unknownDelivery({ delivery: deliveryId });
  if (move.hasMoved) await notifyDelivery(db, deliveryId);
  else if (!request.isDone.includes(move.before))
    throw wrongDeliveryState({ deliveryId, wish: request.wish, state: move.before });
  return move.after;
}
