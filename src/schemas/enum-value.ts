/** Values of enumerations. */

import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const enumValue = defineSchema({
  namespace: "xtk",
  name: "enumValue",
  label: "Values of enumerations",
  labelSingular: "Value of an enumeration",
  table: "xtk_enum_value",
  attributes: {
    id: { type: "int64", column: "enum_value_id", label: "Primary key", sequenceCache: 20 },
    "enum-id": { type: "int64", column: "enum_id", label: "Enumeration", required: true },
    value: { type: "string", column: "value", label: "Value", required: true, length: 200 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    order: { type: "long", column: "position", label: "Order", default: 0 },
    alias: {
      type: "string",
      column: "alias",
      label: "Stands for",
      description: "The value that is meant when this one is written: a misspelling, an old name.",
      length: 200,
    },
  },
  keys: [{ attributes: ["id"] }, { attributes: ["enum-id", "value"] }],
  links: { enum: linkToOne("Enumeration", "xtk:enum", "enum-id", { reverse: "enumValue" }) },
  computeString: "@label",
  access: { write: "admin" },
  restName: "enumeration-values",
});
