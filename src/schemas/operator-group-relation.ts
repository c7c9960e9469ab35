/** Which operator is in which group. */

import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const operatorGroupRelation = defineSchema({
  namespace: "xtk",
  name: "operatorGroupRel",
  label: "Members of groups of operators",
  labelSingular: "Member of a group of operators",
  table: "xtk_operator_group_rel",
  attributes: {
    "group-id": { type: "int64", column: "operator_group_id", label: "Group", required: true },
    "operator-id": { type: "int64", column: "operator_id", label: "Operator", required: true },
  },
  keys: [{ attributes: ["operator-id", "group-id"] }],
  links: {
    group: linkToOne("Group", "xtk:operatorGroup", "group-id", { reverse: "operatorGroupRel" }),
    operator: linkToOne("Operator", "xtk:operator", "operator-id", { reverse: "operatorGroupRel" }),
  },
  indexes: [{ name: "xtk_operator_group_rel_group", attributes: ["group-id"] }],
  access: { write: "admin" },
  isAudited: true,
  restName: "operator-group-members",
});
