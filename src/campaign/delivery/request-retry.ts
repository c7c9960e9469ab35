/** Asks for deferred messages of a delivery to be tried again at once. */

import type { Statements } from "#foundation/database.ts";
import type { DeliveryState } from "#schemas/codes.ts";

import { moveDelivery } from "./move-delivery.ts";

/**
 * Asks the mta not to wait for the next attempt of what was refused for now.
 * @throws unknownDelivery; wrongDeliveryState when it is not being sent
 */
export function requestRetry(db: Statements, deliveryId: number): Promise<DeliveryState> {
  return moveDelivery(db, deliveryId, {
    wish: "retried",
    moves: [{ from: ["inProgress"], to: "retryPending" }],
    isDone: ["retryPending", "retryInProgress"],
  });
}
