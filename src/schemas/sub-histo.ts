/** When recipients subscribed and unsubscribed. */

import { subscriptionActions } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const subHisto = defineSchema({
  namespace: "nms",
  name: "subHisto",
  label: "History of subscriptions",
  labelSingular: "Entry in the history of subscriptions",
  table: "nms_sub_histo",
  attributes: {
    id: { type: "int64", column: "sub_histo_id", label: "Primary key", sequenceCache: 100 },
    "service-id": { type: "int64", column: "service_id", label: "Service", required: true },
    "recipient-id": { type: "int64", column: "recipient_id", label: "Recipient", required: true },
    action: {
      type: "byte",
      column: "action",
      label: "Action",
      required: true,
      enumeration: enumerate("action", subscriptionActions),
    },
    date: { type: "datetime", column: "date", label: "Date", default: "now" },
    origin: { type: "string", column: "origin", label: "Origin", default: "", length: 200 },
  },
  keys: [{ attributes: ["id"] }],
  links: {
    service: linkToOne("Service", "nms:service", "service-id", { reverse: "subHisto" }),
    recipient: linkToOne("Recipient", "nms:recipient", "recipient-id", { reverse: "subHisto" }),
  },
  indexes: [
    { name: "nms_sub_histo_service", attributes: ["service-id", "date"] },
    { name: "nms_sub_histo_recipient", attributes: ["recipient-id"] },
  ],
  rightsThrough: ["service", "recipient"],
  access: { write: "server" },
  restName: "subscription-history",
});
