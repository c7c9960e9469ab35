/** Takes several real time events, all or none. */

import { childrenOf } from "#protocols/soap/xml-element.ts";
import { rtEventService } from "#schemas/event-services.ts";

import { defineMethod } from "../../define-method.ts";
import { readEvent } from "./read-event.ts";
import { takeEvents } from "./take-events.ts";

/** @throws parametersUnreadable, eventQueueFull */
export const pushRtEvents = defineMethod(rtEventService, "PushEvents", async (call, element) => {
  const given = element === undefined ? [] : childrenOf(element);
  const events = given.map((event) => readEvent(event, { method: "PushEvents", service: rtEventService.name }));
  return [(await takeEvents(call, "rtEvent", events)).join(",")];
});
