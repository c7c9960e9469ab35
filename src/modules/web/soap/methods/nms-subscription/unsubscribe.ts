/** Ends subscriptions of a recipient. */

import { unsubscribeRecipient } from "#campaign/audience/unsubscribe-recipient.ts";
import { subscriptionService } from "#schemas/subscription-service.ts";

import { defineMethod } from "../../define-method.ts";
import { readRecipient } from "./read-recipient.ts";

/** @throws serviceUnknown, tooManyServices, entityInvalid, and the errors of the writer */
export const unsubscribe = defineMethod(subscriptionService, "Unsubscribe", async (call, services, element) => {
  const context = await call.writeContext();
  await unsubscribeRecipient(context, { services, recipient: readRecipient(context, element) });
  return [];
});
