/** The commands that a console gives a delivery by one word. */

import type { Statements } from "#foundation/database.ts";
import { type DeliveryState, deliveryStates } from "#schemas/codes.ts";

import { readDelivery } from "./delivery-store.ts";
import { unknownDelivery, unknownDeliveryCommand } from "./errors.ts";
import { requestPause, requestResume } from "./request-pause.ts";
import { requestRetry } from "./request-retry.ts";
import { requestSend } from "./request-send.ts";
import { requestStop } from "./request-stop.ts";

/**
 * Starts (or resumes), pauses, retries or stops a delivery.
 * @param command `play`, `resume`, `pause`, `retry` or `stop`
 * @returns the number of its state now
 * @throws unknownDeliveryCommand, unknownDelivery, wrongDeliveryState
 */
export async function execCommand(db: Statements, deliveryId: number, command: string): Promise<number> {
  return deliveryStates[await carryOut(db, deliveryId, command.trim().toLowerCase())];
}

async function carryOut(db: Statements, deliveryId: number, command: string): Promise<DeliveryState> {
  switch (command) {
    case "play": {
      const delivery = await readDelivery(db, deliveryId);
      if (delivery === undefined) throw unknownDelivery({ delivery: deliveryId });
      const isPaused = ["pauseRequested", "pauseInProgress", "paused"].includes(delivery.state);
      return isPaused ? requestResume(db, deliveryId) : requestSend(db, deliveryId);
    }
    case "resume":
      return requestResume(db, deliveryId);
    case "retry":
      return requestRetry(db, deliveryId);
    case "pause":
      return requestPause(db, deliveryId);
    case "stop":
      return requestStop(db, deliveryId);
    default:
      throw unknownDeliveryCommand({ command });
  }
}
