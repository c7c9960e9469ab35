/** Rules of typologies: what a delivery must satisfy, and whom it may not reach. */

import { alertLevels, messageTypes, typologyChecks, typologyPhases, typologyRuleTypes } from "./codes.ts";
import { enumerate, enumerateWords } from "./enumeration.ts";
import { dataField, folderField, folderLink, stampLinks, stamps } from "./fragments.ts";
import { linkToMany } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const typologyRule = defineSchema({
  namespace: "nms",
  name: "typologyRule",
  label: "Typology rules",
  labelSingular: "Typology rule",
  table: "nms_typology_rule",
  attributes: {
    id: { type: "int64", column: "typology_rule_id", label: "Primary key", sequenceCache: 20 },
    ...folderField,
    name: { type: "string", column: "name", label: "Internal name", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    desc: { type: "memo", column: "description", label: "Description" },
    type: {
      type: "byte",
      column: "type",
      label: "Type",
      default: 0,
      enumeration: enumerate("ruleType", typologyRuleTypes),
    },
    messageType: {
      type: "byte",
      column: "message_type",
      label: "Channel",
      default: 0,
      enumeration: enumerate("messageType", messageTypes),
    },
    phase: {
      type: "byte",
      column: "phase",
      label: "Phase",
      default: 1,
      enumeration: enumerate("phase", typologyPhases),
    },
    order: {
      type: "long",
      column: "position",
      label: "Execution order",
      description: "Lower ones are applied first.",
      default: 50,
    },
    active: { type: "boolean", column: "is_active", label: "Active", default: true },
    level: {
      type: "byte",
      column: "level",
      label: "Alert level",
      default: 1,
      enumeration: enumerate("alertLevel", alertLevels),
    },
    deliveryCondition: {
      type: "memo",
      column: "delivery_condition",
      label: "Deliveries it applies to",
      description: "In the expression language, over nms:delivery; empty = all.",
    },
    where: {
      type: "memo",
      column: "where_condition",
      label: "Excluded recipients",
      description: "In the expression language, over nms:recipient.",
    },
    code: { type: "memo", column: "code", label: "Script", isElement: true },
    ...stamps,
    ...dataField,
  },
  dataFields: {
    "control/check": {
      type: "string",
      label: "Check of the product",
      description: "What a control rule looks at.",
      default: "script",
      enumeration: enumerateWords("check", typologyChecks),
    },
    "pressure/threshold": { type: "long", label: "Most messages", description: "0 = none at all.", default: 0 },
    "pressure/periodDays": { type: "long", label: "Within days", default: 7 },
    "pressure/weight": { type: "long", label: "Weight", default: 5 },
  },
  keys: [{ attributes: ["id"] }, { attributes: ["name"] }],
  links: {
    ...folderLink("typologyRule"),
    ...stampLinks,
    typologyRuleRel: linkToMany("Typologies", "nms:typologyRuleRel", "rule-id", {
      reverse: "rule",
      integrity: "own",
    }),
  },
  computeString: "@label",
  folderAttribute: "folder-id",
  access: { write: { right: "delivery" } },
  isAudited: true,
});
