/** Which rule belongs to which typology. */

import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const typologyRuleRelation = defineSchema({
  namespace: "nms",
  name: "typologyRuleRel",
  label: "Rules of typologies",
  labelSingular: "Rule of a typology",
  table: "nms_typology_rule_rel",
  attributes: {
    "typology-id": { type: "int64", column: "typology_id", label: "Typology", required: true },
    "rule-id": { type: "int64", column: "typology_rule_id", label: "Rule", required: true },
  },
  keys: [{ attributes: ["typology-id", "rule-id"] }],
  links: {
    typology: linkToOne("Typology", "nms:typology", "typology-id", { reverse: "typologyRuleRel" }),
    rule: linkToOne("Rule", "nms:typologyRule", "rule-id", { reverse: "typologyRuleRel" }),
  },
  indexes: [{ name: "nms_typology_rule_rel_rule", attributes: ["rule-id"] }],
  rightsThrough: ["typology", "rule"],
  access: { write: { right: "delivery" } },
  isAudited: true,
  restName: "typology-memberships",
});
