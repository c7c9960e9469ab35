/** Stops a delivery for good. */

import { deliveryService } from "#schemas/delivery-service.ts";

import { defineMethod } from "../../define-method.ts";
import { commandDelivery } from "./command-delivery.ts";

/** @throws entityUnknown, entityProtected, wrongDeliveryState */
export const stopDelivery = defineMethod(deliveryService, "Stop", async (call, deliveryId) => {
  await commandDelivery(call, deliveryId, "stop");
  return [];
});
