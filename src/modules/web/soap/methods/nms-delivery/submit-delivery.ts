/** Makes a delivery of a template, stores it and has it sent. */

import { requestSend } from "#campaign/delivery/request-send.ts";
import { requireRoomForDelivery } from "#campaign/delivery/require-room-for-delivery.ts";
import { deliveryService } from "#schemas/delivery-service.ts";

import { webDeliverySettings } from "../../../settings.ts";
import { defineMethod } from "../../define-method.ts";
import { draftFromModel } from "./draft-from-model.ts";
import { storeDelivery } from "./store-delivery.ts";

/** @throws submissionQueueFull, entityUnknown, and the errors of the writer */
export const submitDelivery = defineMethod(deliveryService, "SubmitDelivery", async (call, scenario, content) => {
  const { maxDeliveryQueueSize } = call.context.settings.of(webDeliverySettings);
  await requireRoomForDelivery(call.context.db, maxDeliveryQueueSize);
  const draft = await draftFromModel(await call.writeContext(), scenario, content);
  await requestSend(call.context.db, await storeDelivery(call, draft));
  return [];
});
