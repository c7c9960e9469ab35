/** Takes several batch events, all or none. */

import { childrenOf } from "#protocols/soap/xml-element.ts";
import { batchEventService } from "#schemas/event-services.ts";

import { defineMethod } from "../../define-method.ts";
import { readEvent } from "../nms-rt-event/read-event.ts";
import { takeEvents } from "../nms-rt-event/take-events.ts";

/** @throws parametersUnreadable, eventQueueFull */
export const pushBatchEvents = defineMethod(batchEventService, "PushEvents", async (call, element) => {
  const given = element === undefined ? [] : childrenOf(element);
  const events = given.map((event) => readEvent(event, { method: "PushEvents", service: batchEventService.name }));
  return [(await takeEvents(call, "batchEvent", events)).join(",")];
});
