/** Events whose messages are sent at once. */

import { eventSchema } from "./event-schema.ts";

export const rtEvent = eventSchema({
  prefix: "rt",
  label: "Real-time events",
  labelSingular: "Real-time event",
  restName: "events",
});
