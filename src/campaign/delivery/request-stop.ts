/** Asks for a delivery to be stopped for good. */

import type { Statements } from "#foundation/database.ts";
import type { DeliveryState } from "#schemas/codes.ts";

import { moveDelivery } from "./move-delivery.ts";
import { preparingStates, runningStates } from "./preparing-states.ts";

/**
 * Stops a preparation, which leaves the delivery as it was edited; or asks the children to finish what they have, after which all that
 * is not sent is cancelled.
 * @throws unknownDelivery, wrongDeliveryState
 */
export function requestStop(db: Statements, deliveryId: number): Promise<DeliveryState> {
  return moveDelivery(db, deliveryId, {
    wish: "stopped",
    moves: [
      { from: preparingStates, to: "edited", isStartRequested: false },
      { from: ["ready", ...runningStates], to: "stopRequested" },
    ],
    isDone: ["stopRequested", "stopped"],
  });
}
