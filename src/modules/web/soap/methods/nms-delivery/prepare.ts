/** Has a delivery prepared. */

import { requestPreparation } from "#campaign/delivery/request-preparation.ts";
import { deliveryService } from "#schemas/delivery-service.ts";

import { defineEntityMethod } from "../../define-method.ts";
import { readDeliveryDocument } from "./read-delivery-document.ts";
import { storeDelivery } from "./store-delivery.ts";

/** @throws entityUnknown, entityProtected, wrongDeliveryState, and the errors of the writer */
export const prepareDelivery = defineEntityMethod(deliveryService, "Prepare", async (call, document) => {
  const id = await storeDelivery(call, document);
  await requestPreparation(call.context.db, id);
  return { entity: await readDeliveryDocument(call, id), outputs: [] };
});
