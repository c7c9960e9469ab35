/** The statistics server that grants for this database: one at a time. */

import { defineSchema } from "./schema.ts";

export const statHolder = defineSchema({
  namespace: "nms",
  name: "statHolder",
  label: "Holder of the permits",
  labelSingular: "Holder of the permits",
  description: "The run of the statistics server that grants for this database, and the process that it is.",
  table: "nms_stat_holder",
  attributes: {
    isOnly: { type: "boolean", column: "is_only", label: "Only one", required: true, default: true },
    holder: { type: "string", column: "holder", label: "Run", required: true },
    place: { type: "string", column: "place", label: "Process", required: true },
    since: { type: "datetime", column: "since", label: "Since", default: "now" },
  },
  keys: [{ attributes: ["isOnly"] }],
  access: { read: "server", write: "server" },
  isHidden: true,
});
