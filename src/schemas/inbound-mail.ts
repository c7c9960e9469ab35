/** What inMail read, each mail once. */

import { failureReasons, failureTypes } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const inboundMail = defineSchema({
  namespace: "nms",
  name: "inboundMail",
  label: "Mails that came back",
  labelSingular: "Mail that came back",
  table: "nms_inbound_mail",
  attributes: {
    id: { type: "int64", column: "inbound_mail_id", label: "Primary key", sequenceCache: 1 },
    mailKey: {
      type: "string",
      column: "mail_key",
      label: "Mail key",
      description: "Counts a mail once: a hash of its bytes",
      required: true,
    },
    kind: { type: "string", column: "kind", label: "Kind", required: true },
    "delivery-id": { type: "int64", column: "delivery_id", label: "Delivery", default: 0 },
    "broadLog-id": { type: "int64", column: "broad_log_id", label: "Broad log", default: 0 },
    failureType: {
      type: "byte",
      column: "failure_type",
      label: "Failure type",
      default: 0,
      enumeration: enumerate("failureType", failureTypes),
    },
    failureReason: {
      type: "byte",
      column: "failure_reason",
      label: "Failure reason",
      default: 0,
      enumeration: enumerate("failureReason", failureReasons),
    },
    diagnostic: { type: "memo", column: "diagnostic", label: "Diagnostic" },
    received: { type: "datetime", column: "received", label: "Received", default: "now" },
  },
  keys: [{ attributes: ["id"] }, { attributes: ["mailKey"] }],
  links: {
    delivery: linkToOne("Delivery", "nms:delivery", "delivery-id"),
  },
  access: { read: "admin", write: "server" },
});
