/** Who is subscribed to which service. */

import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const subscription = defineSchema({
  namespace: "nms",
  name: "subscription",
  label: "Subscriptions",
  labelSingular: "Subscription",
  table: "nms_subscription",
  attributes: {
    "service-id": { type: "int64", column: "service_id", label: "Service", required: true },
    "recipient-id": { type: "int64", column: "recipient_id", label: "Recipient", required: true },
    created: { type: "datetime", column: "created", label: "Subscribed", default: "now", stamp: "created" },
    expirationDate: { type: "datetime", column: "expiration_date", label: "Expires" },
  },
  keys: [{ attributes: ["service-id", "recipient-id"] }],
  links: {
    service: linkToOne("Service", "nms:service", "service-id", { reverse: "subscription" }),
    recipient: linkToOne("Recipient", "nms:recipient", "recipient-id", { reverse: "subscription" }),
  },
  indexes: [
    { name: "nms_subscription_recipient", attributes: ["recipient-id"] },
    { name: "nms_subscription_expiring", attributes: ["expirationDate"], where: "expiration_date is not null" },
  ],
  rightsThrough: ["service", "recipient"],
});
