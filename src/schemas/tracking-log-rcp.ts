/** One row for each click and open. */

import { urlTypes } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const trackingLogRcp = defineSchema({
  namespace: "nms",
  name: "trackingLogRcp",
  label: "Tracking logs",
  labelSingular: "Tracking log",
  table: "nms_tracking_log",
  attributes: {
    id: { type: "int64", column: "tracking_log_id", label: "Primary key", sequenceCache: 1000 },
    logDate: { type: "datetime", column: "log_date", label: "Log date", required: true },
    "delivery-id": { type: "int64", column: "delivery_id", label: "Delivery", required: true },
    "url-id": { type: "int64", column: "tracking_url_id", label: "Tracked link", required: true },
    urlType: {
      type: "byte",
      column: "url_type",
      label: "Link type",
      default: 1,
      enumeration: enumerate("urlType", urlTypes),
    },
    "broadLog-id": { type: "int64", column: "broad_log_id", label: "Broad log", required: true },
    "recipient-id": { type: "int64", column: "recipient_id", label: "Recipient", required: true },
    contentType: { type: "string", column: "content_type", label: "Content type", default: "h" },
    sourceId: { type: "string", column: "source_id", label: "Source id" },
    sourceAddress: { type: "string", column: "source_address", label: "Source address" },
    userAgent: { type: "string", column: "user_agent", label: "User agent" },
    isMachine: { type: "boolean", column: "is_machine", label: "By a machine", default: false },
  },
  keys: [{ attributes: ["logDate", "id"] }],
  links: {
    delivery: linkToOne("Delivery", "nms:delivery", "delivery-id", { reverse: "trackingLogRcp" }),
    url: linkToOne("Tracked link", "nms:trackingUrl", "url-id", { reverse: "trackingLogRcp" }),
    recipient: linkToOne("Recipient", "nms:recipient", "recipient-id", { reverse: "trackingLog" }),
  },
  indexes: [
    { name: "nms_tracking_log_delivery", attributes: ["delivery-id", "urlType", "broadLog-id"] },
    { name: "nms_tracking_log_recipient", attributes: ["recipient-id"] },
  ],
  partitionBy: "logDate",
  rightsThrough: ["delivery", "recipient"],
  access: { write: "server" },
  restName: "tracking-logs",
});
