/** Starts, resumes, pauses or stops a delivery by one word. */

import { deliveryService } from "#schemas/delivery-service.ts";

import { defineMethod } from "../../define-method.ts";
import { commandDelivery } from "./command-delivery.ts";

/** @throws entityUnknown, entityProtected, unknownDeliveryCommand, wrongDeliveryState */
export const execDeliveryCommand = defineMethod(deliveryService, "ExecCommand", async (call, deliveryId, command) => [
  await commandDelivery(call, deliveryId, command),
]);
