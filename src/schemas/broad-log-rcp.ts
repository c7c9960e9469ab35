/** The ledger: one row for each message to a recipient, and for each exclusion. */

import { broadLogStatuses, failureReasons, failureTypes } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const broadLogRcp = defineSchema({
  namespace: "nms",
  name: "broadLogRcp",
  label: "Delivery logs",
  labelSingular: "Delivery log",
  table: "nms_broad_log",
  attributes: {
    id: { type: "int64", column: "broad_log_id", label: "Primary key", required: true },
    logDate: { type: "date", column: "log_date", label: "Log date", required: true },
    "delivery-id": { type: "int64", column: "delivery_id", label: "Delivery", required: true },
    "recipient-id": { type: "int64", column: "recipient_id", label: "Recipient", required: true },
    "seedMember-id": {
      type: "int64",
      column: "seed_member_id",
      label: "Seed address",
      description: "Other than 0, the message goes to a seed address and counts in no indicator.",
      default: 0,
    },
    address: { type: "string", column: "address", label: "Address", default: "" },
    status: {
      type: "byte",
      column: "status",
      label: "Status",
      default: 6,
      enumeration: enumerate("broadLogStatus", broadLogStatuses),
    },
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
    "msg-id": { type: "int64", column: "broad_log_msg_id", label: "Answer", default: 0 },
    attempts: { type: "byte", column: "attempts", label: "Attempts", default: 0 },
    isInDoubt: { type: "boolean", column: "is_in_doubt", label: "In doubt", default: false },
    eventDate: { type: "datetime", column: "event_date", label: "Event date", default: "now" },
  },
  keys: [{ attributes: ["logDate", "id"] }],
  links: {
    delivery: linkToOne("Delivery", "nms:delivery", "delivery-id", { reverse: "broadLogRcp" }),
    recipient: linkToOne("Recipient", "nms:recipient", "recipient-id", { reverse: "broadLog" }),
    seedMember: linkToOne("Seed address", "nms:seedMember", "seedMember-id"),
    msg: linkToOne("Answer of the remote server", "nms:broadLogMsg", "msg-id"),
  },
  indexes: [
    { name: "nms_broad_log_delivery", attributes: ["delivery-id"] },
    { name: "nms_broad_log_recipient", attributes: ["recipient-id"] },
  ],
  partitionBy: "logDate",
  computeString: "@address",
  rightsThrough: ["delivery", "recipient"],
  access: { write: "server" },
  restName: "delivery-logs",
});
