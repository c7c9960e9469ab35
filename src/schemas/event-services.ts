/** `nms:rtEvent` and `nms:batchEvent`: events that other programs send, and that become messages. */

import type { Method } from "./schema.ts";
import { defineService } from "./service.ts";

const pushing = { isStatic: true, access: { right: "messageCenter" } } as const;

const methods = [
  {
    name: "PushEvent",
    label: "Takes an event",
    ...pushing,
    parameters: [
      {
        name: "event",
        type: "DOMDocument",
        direction: "in",
        description: '<rtEvent type="..." email="..."><ctx>...</ctx></rtEvent>',
      },
      { name: "id", type: "int64", direction: "out" },
    ],
  },
  {
    name: "PushEvents",
    label: "Takes several events, all or none",
    ...pushing,
    parameters: [
      { name: "events", type: "DOMDocument", direction: "in", description: "One element for each event" },
      { name: "ids", type: "string", direction: "out", description: "Separated by commas, in their order" },
    ],
  },
] as const satisfies readonly Method[];

export const rtEventService = defineService({
  name: "nms:rtEvent",
  label: "Real time events",
  structures: {},
  methods,
});

export const batchEventService = defineService({
  name: "nms:batchEvent",
  label: "Batch events",
  structures: {},
  methods,
});
