/** Which named right an operator holds. */

import { defineSchema } from "./schema.ts";

export const operatorRight = defineSchema({
  namespace: "xtk",
  name: "operatorRight",
  label: "Rights of operators",
  labelSingular: "Right of an operator",
  table: "xtk_operator_right",
  attributes: {
    "operator-id": { type: "int64", column: "operator_id", label: "Operator", required: true },
    rightName: { type: "string", column: "right_name", label: "Right name", required: true },
  },
  keys: [{ attributes: ["operator-id", "rightName"] }],
  links: {
    operator: {
      label: "Operator",
      target: "xtk:operator",
      cardinality: "one",
      join: [{ from: "operator-id", to: "id" }],
    },
  },
});
