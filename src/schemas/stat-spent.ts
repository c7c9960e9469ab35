/** Messages that count towards hourly limits, by sender, path and slice of five minutes; kept for an hour. */

import { defineSchema } from "./schema.ts";

export const statSpent = defineSchema({
  namespace: "nms",
  name: "statSpent",
  label: "Spent quotas",
  labelSingular: "Spent quota",
  description:
    "Messages that count towards hourly limits, by sender, path and slice of five minutes, so that they count after a restart. Kept for an hour.",
  table: "nms_stat_spent",
  attributes: {
    sender: { type: "string", column: "sender", label: "Sender", required: true },
    publicId: { type: "long", column: "public_id", label: "Public address", required: true },
    address: { type: "string", column: "address", label: "Address of the mail exchanger", required: true },
    host: { type: "string", column: "host", label: "Mail exchanger", required: true },
    slice: { type: "long", column: "slice", label: "Slice", required: true },
    messages: { type: "long", column: "messages", label: "Messages", default: 0 },
    underWay: { type: "long", column: "under_way", label: "Messages under way", default: 0 },
    setAside: { type: "long", column: "set_aside", label: "Messages set aside", default: 0 },
  },
  keys: [{ attributes: ["sender", "publicId", "address", "host", "slice"] }],
  access: { read: "server", write: "server" },
  isHidden: true,
});
