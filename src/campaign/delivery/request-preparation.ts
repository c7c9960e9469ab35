/** Asks for a delivery to be prepared, and not yet sent. */

import type { Statements } from "#foundation/database.ts";
import type { DeliveryState } from "#schemas/codes.ts";

import { moveDelivery } from "./move-delivery.ts";
import { preparingStates } from "./preparing-states.ts";

/**
 * Asks the mta to prepare a delivery, or to prepare it anew when its content or target has changed.
 * @throws unknownDelivery; wrongDeliveryState when it has been started
 */
export function requestPreparation(db: Statements, deliveryId: number): Promise<DeliveryState> {
  return moveDelivery(db, deliveryId, {
    wish: "prepared",
    moves: [{ from: ["edited", "preparationFailed", "ready"], to: "targetingPending", isStartRequested: false }],
    isDone: preparingStates,
  });
}
