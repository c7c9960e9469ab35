/** Named rights: what a method or a schema may ask for by name. */

import { linkToMany } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const rights = defineSchema({
  namespace: "xtk",
  name: "rights",
  label: "Named rights",
  labelSingular: "Named right",
  table: "xtk_named_right",
  attributes: {
    name: { type: "string", column: "name", label: "Internal name", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    description: { type: "memo", column: "description", label: "Description" },
    isBuiltIn: {
      type: "boolean",
      column: "is_built_in",
      label: "Shipped with the product",
      default: false,
      isReadOnly: true,
      isResetByCopy: true,
    },
  },
  keys: [{ attributes: ["name"] }],
  links: {
    operatorRight: linkToMany("Operators who hold it", "xtk:operatorRight", "rightName", {
      from: "name",
      reverse: "right",
      integrity: "own",
    }),
    groupRight: linkToMany("Groups that hold it", "xtk:groupRight", "rightName", {
      from: "name",
      reverse: "right",
      integrity: "own",
    }),
  },
  computeString: "@label",
  access: { write: "admin" },
  isAudited: true,
  restName: "named-rights",
});
