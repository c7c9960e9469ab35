/** How many recipients each reason and each rule kept out of a delivery. */

import { failureReasons } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const dlvExclusion = defineSchema({
  namespace: "nms",
  name: "dlvExclusion",
  label: "Causes of exclusions",
  labelSingular: "Cause of exclusions",
  table: "nms_dlv_exclusion",
  attributes: {
    id: { type: "int64", column: "dlv_exclusion_id", label: "Primary key", sequenceCache: 20 },
    "delivery-id": { type: "int64", column: "delivery_id", label: "Delivery", required: true },
    failureReason: {
      type: "byte",
      column: "failure_reason",
      label: "Failure reason",
      default: 0,
      enumeration: enumerate("failureReason", failureReasons),
    },
    "rule-id": { type: "int64", column: "typology_rule_id", label: "Rule", default: 0 },
    label: { type: "string", column: "label", label: "Label", default: "" },
    count: { type: "int64", column: "count", label: "Recipients", default: 0 },
  },
  keys: [{ attributes: ["id"] }],
  links: {
    delivery: linkToOne("Delivery", "nms:delivery", "delivery-id", { reverse: "dlvExclusion" }),
    rule: linkToOne("Rule", "nms:typologyRule", "rule-id"),
  },
  indexes: [{ name: "nms_dlv_exclusion_delivery", attributes: ["delivery-id"] }],
  computeString: "@label",
  rightsThrough: ["delivery"],
  access: { write: "server" },
  restName: "delivery-exclusions",
});
