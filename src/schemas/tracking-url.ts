/** The links of a delivery. */

import { urlTypes } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { linkToMany, linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const trackingUrl = defineSchema({
  namespace: "nms",
  name: "trackingUrl",
  label: "Tracked links",
  labelSingular: "Tracked link",
  table: "nms_tracking_url",
  attributes: {
    id: { type: "int64", column: "tracking_url_id", label: "Primary key", sequenceCache: 20 },
    "delivery-id": { type: "int64", column: "delivery_id", label: "Delivery", required: true },
    type: { type: "byte", column: "type", label: "Type", default: 1, enumeration: enumerate("urlType", urlTypes) },
    sourceUrl: { type: "string", column: "source_url", label: "Address", required: true },
    label: { type: "string", column: "label", label: "Label", default: "", length: 255 },
    category: {
      type: "string",
      column: "category",
      label: "Category",
      default: "",
      length: 100,
      openEnumeration: "urlCategory",
    },
    created: { type: "datetime", column: "created", label: "Created", default: "now" },
  },
  keys: [{ attributes: ["id"] }],
  links: {
    delivery: linkToOne("Delivery", "nms:delivery", "delivery-id", { reverse: "trackingUrl" }),
    trackingLogRcp: linkToMany("Tracking logs", "nms:trackingLogRcp", "url-id", {
      reverse: "url",
      integrity: "neutral",
    }),
    trackingStats: linkToMany("Statistics", "nms:trackingStats", "url-id", { reverse: "url", integrity: "neutral" }),
  },
  indexes: [{ name: "nms_tracking_url_delivery", attributes: ["delivery-id"] }],
  computeString: "@label",
  rightsThrough: ["delivery"],
  access: { write: "server" },
});
