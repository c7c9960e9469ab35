/** Senders that hold something of a statistics server: after a restart it waits for them to report. */

import { defineSchema } from "./schema.ts";

export const statSender = defineSchema({
  namespace: "nms",
  name: "statSender",
  label: "Senders",
  labelSingular: "Sender",
  description: "Senders that hold something of the statistics server: after a restart it waits for them to report.",
  table: "nms_stat_sender",
  attributes: {
    sender: { type: "string", column: "sender", label: "Sender", required: true },
    lastModified: { type: "datetime", column: "last_modified", label: "Last modified", default: "now" },
  },
  keys: [{ attributes: ["sender"] }],
  access: { read: "server", write: "server" },
  isHidden: true,
});
