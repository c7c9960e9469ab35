/** What a text in a mail that came back means; the first rule that fits counts. */

import { failureReasons, failureTypes } from "./codes.ts";
import { enumerate } from "./enumeration.ts";
import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const inboundRule = defineSchema({
  namespace: "nms",
  name: "inboundRule",
  label: "Rules for inbound mail",
  labelSingular: "Rule for inbound mail",
  table: "nms_inbound_rule",
  attributes: {
    id: { type: "int64", column: "inbound_rule_id", label: "Primary key", sequenceCache: 20 },
    "ruleSet-id": { type: "int64", column: "rule_set_id", label: "Rule set", default: 1 },
    name: { type: "string", column: "name", label: "Name", required: true, length: 100 },
    position: { type: "long", column: "position", label: "Order", default: 0 },
    active: { type: "boolean", column: "is_active", label: "Active", default: true },
    pattern: {
      type: "memo",
      column: "pattern",
      label: "Pattern",
      description: "A regular expression over the text of the bounce; * = any.",
      required: true,
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
  },
  keys: [{ attributes: ["id"] }, { attributes: ["ruleSet-id", "name"] }],
  links: { ruleSet: linkToOne("Rule set", "nms:mailRuleSet", "ruleSet-id", { reverse: "inboundRule" }) },
  computeString: "@name",
  access: { write: "admin" },
  isAudited: true,
});
