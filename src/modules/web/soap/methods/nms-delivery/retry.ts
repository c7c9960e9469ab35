/** Has deferred messages of a delivery tried at once. */

import { deliveryService } from "#schemas/delivery-service.ts";

import { defineMethod } from "../../define-method.ts";
import { commandDelivery } from "./command-delivery.ts";

/** @throws entityUnknown, entityProtected, wrongDeliveryState */
export const retryDelivery = defineMethod(deliveryService, "Retry", async (call, deliveryId) => {
  await commandDelivery(call, deliveryId, "retry");
  return [];
});
