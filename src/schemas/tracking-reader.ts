/** Who opened and who clicked. */

import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const trackingReader = defineSchema({
  namespace: "nms",
  name: "trackingReader",
  label: "Readers",
  labelSingular: "Reader",
  description: "Who opened (a click implies it) and who clicked, so that distinct counts are kept, not counted.",
  table: "nms_tracking_reader",
  attributes: {
    "delivery-id": { type: "int64", column: "delivery_id", label: "Delivery", required: true },
    "broadLog-id": { type: "int64", column: "broad_log_id", label: "Broad log", required: true },
    hasClicked: { type: "boolean", column: "has_clicked", label: "Clicked", default: false },
    hasOptedOut: { type: "boolean", column: "has_opted_out", label: "Opted out", default: false },
    lastOpen: { type: "datetime", column: "last_open", label: "Last open" },
  },
  keys: [{ attributes: ["delivery-id", "broadLog-id"] }],
  links: {
    delivery: linkToOne("Delivery", "nms:delivery", "delivery-id", { reverse: "trackingReader" }),
  },
  rightsThrough: ["delivery"],
  access: { write: "server" },
});
