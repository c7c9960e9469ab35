/** Events whose messages are sent in lots. */

import { eventSchema } from "./event-schema.ts";

export const batchEvent = eventSchema({
  prefix: "batch",
  label: "Batch events",
  labelSingular: "Batch event",
});
