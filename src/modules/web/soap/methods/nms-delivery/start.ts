/** Has a delivery sent, or lets a paused one go on. */

import { deliveryService } from "#schemas/delivery-service.ts";

import { defineMethod } from "../../define-method.ts";
import { commandDelivery } from "./command-delivery.ts";

/** @throws entityUnknown, entityProtected, wrongDeliveryState */
export const startDelivery = defineMethod(deliveryService, "Start", async (call, deliveryId) => {
  await commandDelivery(call, deliveryId, "play");
  return [];
});
