/** Which named right the members of a group hold. */

import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const groupRight = defineSchema({
  namespace: "xtk",
  name: "groupRight",
  label: "Rights of groups",
  labelSingular: "Right of a group",
  table: "xtk_group_right",
  attributes: {
    "group-id": { type: "int64", column: "operator_group_id", label: "Group", required: true },
    rightName: { type: "string", column: "right_name", label: "Right name", required: true, length: 100 },
  },
  keys: [{ attributes: ["group-id", "rightName"] }],
  links: {
    group: linkToOne("Group", "xtk:operatorGroup", "group-id", { reverse: "groupRight" }),
    right: linkToOne("Named right", "xtk:rights", "rightName", { to: "name", reverse: "groupRight" }),
  },
  access: { write: "admin" },
  isAudited: true,
});
