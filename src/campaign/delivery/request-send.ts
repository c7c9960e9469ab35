/** Asks for a delivery to be sent. */

import type { Statements } from "#foundation/database.ts";
import type { DeliveryState } from "#schemas/codes.ts";

import { moveDelivery } from "./move-delivery.ts";
import { preparingStates, runningStates } from "./preparing-states.ts";

/**
 * Asks the mta to prepare a delivery, if that is still to be done, and to send it. May be repeated: a delivery starts once.
 * @returns its state now: `startPending`, or a state of its preparation
 * @throws unknownDelivery; wrongDeliveryState when it is paused, stopped or over
 */
export function requestSend(db: Statements, deliveryId: number): Promise<DeliveryState> {
  return moveDelivery(db, deliveryId, {
    wish: "sent",
    moves: [
      { from: ["edited", "preparationFailed"], to: "targetingPending", isStartRequested: true },
      { from: ["ready"], to: "startPending", isStartRequested: true },
      ...preparingStates.map((state) => ({ from: [state], to: state, isStartRequested: true })),
    ],
    isDone: runningStates.filter(
      (state) => state !== "pauseRequested" && state !== "pauseInProgress" && state !== "paused",
    ),
  });
}
