/** Takes a delivery that another program wants sent, unless too many wait already. */

import type { Statements } from "#foundation/database.ts";
import { deliveryStates } from "#schemas/codes.ts";

import { countSubmitted } from "./audit-store.ts";
import { submissionQueueFull } from "./errors.ts";

/**
 * Makes sure that there is room for one more.
 * @param most deliveries that may wait for their preparation
 * @throws submissionQueueFull
 */
export async function requireRoomForDelivery(db: Statements, most: number): Promise<void> {
  if ((await countSubmitted(db, deliveryStates.targetingPending)) >= most) throw submissionQueueFull({ most });
}
