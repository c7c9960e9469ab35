/** A delivery made of a template, for the client to complete and write. */

import { deliveryService } from "#schemas/delivery-service.ts";

import { defineMethod } from "../../define-method.ts";
import { draftFromModel } from "./draft-from-model.ts";

/** @throws entityUnknown, and the errors of the writer */
export const createDeliveryFromModel = defineMethod(deliveryService, "CreateFromModel", async (call, model, patch) => [
  await draftFromModel(await call.writeContext(), model, patch),
]);
