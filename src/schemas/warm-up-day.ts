/** What each of our addresses sent on each day of a warm-up; written by stat. */

import { defineSchema } from "./schema.ts";

export const warmUpDay = defineSchema({
  namespace: "nms",
  name: "warmUpDay",
  label: "Days of warm-ups",
  labelSingular: "Day of a warm-up",
  table: "nms_warm_up_day",
  attributes: {
    "warmUp-id": { type: "int64", column: "warm_up_id", label: "Warm-up", required: true },
    publicId: { type: "long", column: "public_id", label: "Public address", required: true },
    day: { type: "date", column: "day", label: "Day", required: true },
    messages: { type: "int64", column: "messages", label: "Messages", default: 0 },
    setAside: { type: "int64", column: "set_aside", label: "Messages set aside", default: 0 },
  },
  keys: [{ attributes: ["warmUp-id", "publicId", "day"] }],
  access: { write: "server" },
  restName: "warm-up-days",
});
