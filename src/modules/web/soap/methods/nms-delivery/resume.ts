/** Lets a paused delivery go on. */

import { deliveryService } from "#schemas/delivery-service.ts";

import { defineMethod } from "../../define-method.ts";
import { commandDelivery } from "./command-delivery.ts";

/** @throws entityUnknown, entityProtected, wrongDeliveryState */
export const resumeDelivery = defineMethod(deliveryService, "Resume", async (call, deliveryId) => {
  await commandDelivery(call, deliveryId, "resume");
  return [];
});
