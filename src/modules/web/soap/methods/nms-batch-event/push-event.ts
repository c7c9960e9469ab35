/** Takes one batch event. */

import { batchEventService } from "#schemas/event-services.ts";

import { defineMethod } from "../../define-method.ts";
import { readEvent } from "../nms-rt-event/read-event.ts";
import { takeEvents } from "../nms-rt-event/take-events.ts";

/** @throws parametersUnreadable, eventQueueFull */
export const pushBatchEvent = defineMethod(batchEventService, "PushEvent", async (call, element) => {
  const event = readEvent(element, { method: "PushEvent", service: batchEventService.name });
  const [id = 0n] = await takeEvents(call, "batchEvent", [event]);
  return [id];
});
