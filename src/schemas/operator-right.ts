/** Which named right an operator holds. */

import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const operatorRight = defineSchema({
  namespace: "xtk",
  name: "operatorRight",
  label: "Rights of operators",
  labelSingular: "Right of an operator",
  table: "xtk_operator_right",
  attributes: {
    "operator-id": { type: "int64", column: "operator_id", label: "Operator", required: true },
    rightName: { type: "string", column: "right_name", label: "Right name", required: true, length: 100 },
  },
  keys: [{ attributes: ["operator-id", "rightName"] }],
  links: {
    operator: linkToOne("Operator", "xtk:operator", "operator-id", { reverse: "operatorRight" }),
    right: linkToOne("Named right", "xtk:rights", "rightName", { to: "name", reverse: "operatorRight" }),
  },
  access: { write: "admin" },
  isAudited: true,
});
