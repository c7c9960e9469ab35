/** A range of messages that one child of the mta sends. */

import { sendingModes } from "./codes.ts";
import { enumerate, enumerateWords } from "./enumeration.ts";
import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const deliveryPart = defineSchema({
  namespace: "nms",
  name: "deliveryPart",
  label: "Parts of deliveries",
  labelSingular: "Part of a delivery",
  table: "nms_delivery_part",
  attributes: {
    id: { type: "int64", column: "delivery_part_id", label: "Primary key", sequenceCache: 100 },
    "delivery-id": { type: "int64", column: "delivery_id", label: "Delivery", required: true },
    logDate: { type: "date", column: "log_date", label: "Log date", required: true },
    firstBroadLogId: { type: "int64", column: "first_broad_log_id", label: "First message", required: true },
    lastBroadLogId: { type: "int64", column: "last_broad_log_id", label: "Last message", required: true },
    messageCount: { type: "long", column: "message_count", label: "Message count", required: true },
    priority: { type: "byte", column: "priority", label: "Priority", default: 10 },
    state: {
      type: "string",
      column: "state",
      label: "State",
      default: "waiting",
      enumeration: enumerateWords("state", ["waiting", "claimed", "done", "cancelled"]),
    },
    affinity: {
      type: "string",
      column: "affinity",
      label: "IP affinity",
      description: "Only hosts that declare it send the part; empty = any host.",
      default: "",
    },
    sendingMode: {
      type: "byte",
      column: "sending_mode",
      label: "Sending mode",
      default: 0,
      enumeration: enumerate("sendingMode", sendingModes),
    },
    wave: { type: "byte", column: "wave", label: "Wave", default: 1 },
    delaySec: { type: "long", column: "delay_sec", label: "Seconds after the start", default: 0 },
    attempts: { type: "long", column: "attempts", label: "Attempts", default: 0 },
    notBefore: { type: "datetime", column: "not_before", label: "Not before", default: "now" },
    childId: {
      type: "string",
      column: "child_id",
      label: "Sending process",
      description: "Of a part that waits: the process that had it and was not heard of again.",
    },
    claimedUntil: { type: "datetime", column: "claimed_until", label: "Claimed until" },
    lastModified: { type: "datetime", column: "last_modified", label: "Last modified", default: "now" },
  },
  keys: [{ attributes: ["id"] }],
  links: {
    delivery: linkToOne("Delivery", "nms:delivery", "delivery-id", { reverse: "deliveryPart" }),
  },
  indexes: [
    { name: "nms_delivery_part_waiting", attributes: ["-priority", "notBefore", "id"], where: "state = 'waiting'" },
    { name: "nms_delivery_part_claimed", attributes: ["claimedUntil"], where: "state = 'claimed'" },
    { name: "nms_delivery_part_delivery", attributes: ["delivery-id"] },
  ],
  rightsThrough: ["delivery"],
  access: { write: "server" },
});
