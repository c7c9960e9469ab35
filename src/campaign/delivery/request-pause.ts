/** Asks for a delivery to pause, or to go on. */

import type { Statements } from "#foundation/database.ts";
import type { DeliveryState } from "#schemas/codes.ts";

import { moveDelivery } from "./move-delivery.ts";

/**
 * Asks the children to finish what they have and to take nothing more of a delivery.
 * @throws unknownDelivery, wrongDeliveryState
 */
export function requestPause(db: Statements, deliveryId: number): Promise<DeliveryState> {
  return moveDelivery(db, deliveryId, {
    wish: "paused",
    moves: [{ from: ["startPending", "inProgress", "retryPending", "retryInProgress"], to: "pauseRequested" }],
    isDone: ["pauseRequested", "pauseInProgress", "paused"],
  });
}

/**
 * Lets a paused delivery go on where it stopped.
 * @throws unknownDelivery, wrongDeliveryState
 */
export function requestResume(db: Statements, deliveryId: number): Promise<DeliveryState> {
  return moveDelivery(db, deliveryId, {
    wish: "resumed",
    moves: [{ from: ["pauseRequested", "pauseInProgress", "paused"], to: "startPending" }],
    isDone: ["startPending", "inProgress"],
  });
}
