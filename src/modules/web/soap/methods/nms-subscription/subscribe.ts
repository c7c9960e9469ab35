/** Subscribes a recipient to information services. */

import { subscribeRecipient } from "#campaign/audience/subscribe-recipient.ts";
import { subscriptionService } from "#schemas/subscription-service.ts";

import { defineMethod } from "../../define-method.ts";
import { readRecipient } from "./read-recipient.ts";

/** @throws serviceUnknown, tooManyServices, entityInvalid, and the errors of the writer */
export const subscribe = defineMethod(subscriptionService, "Subscribe", async (call, services, element, mayCreate) => {
  const context = await call.writeContext();
  const recipient = readRecipient(context, element);
  await subscribeRecipient(context, { services, recipient, mayCreate, now: call.context.clock.now() });
  return [];
});
