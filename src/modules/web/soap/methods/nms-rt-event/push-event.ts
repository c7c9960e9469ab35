/** Takes one real time event. */

import { rtEventService } from "#schemas/event-services.ts";

import { defineMethod } from "../../define-method.ts";
import { readEvent } from "./read-event.ts";
import { takeEvents } from "./take-events.ts";

/** @throws parametersUnreadable, eventQueueFull */
export const pushRtEvent = defineMethod(rtEventService, "PushEvent", async (call, element) => {
  const event = readEvent(element, { method: "PushEvent", service: rtEventService.name });
  const [id = 0n] = await takeEvents(call, "rtEvent", [event]);
  return [id];
});
