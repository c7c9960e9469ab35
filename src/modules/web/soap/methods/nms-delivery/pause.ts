/** Pauses a delivery. */

import { deliveryService } from "#schemas/delivery-service.ts";

import { defineMethod } from "../../define-method.ts";
import { commandDelivery } from "./command-delivery.ts";

/** @throws entityUnknown, entityProtected, wrongDeliveryState */
export const pauseDelivery = defineMethod(deliveryService, "Pause", async (call, deliveryId) => {
  await commandDelivery(call, deliveryId, "pause");
  return [];
});
