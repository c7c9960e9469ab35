/** Has a delivery prepared and sent. */

import { requestSend } from "#campaign/delivery/request-send.ts";
import { deliveryService } from "#schemas/delivery-service.ts";

import { defineEntityMethod } from "../../define-method.ts";
import { readDeliveryDocument } from "./read-delivery-document.ts";
import { storeDelivery } from "./store-delivery.ts";

/** @throws entityUnknown, entityProtected, wrongDeliveryState, and the errors of the writer */
export const prepareAndStartDelivery = defineEntityMethod(
  deliveryService,
  "PrepareAndStart",
  async (call, document) => {
    const id = await storeDelivery(call, document);
    await requestSend(call.context.db, id);
    return { entity: await readDeliveryDocument(call, id), outputs: [] };
  },
);
