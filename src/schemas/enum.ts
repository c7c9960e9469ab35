/** Lists of values that operators may add to. */

import { stampLinks, stamps } from "./fragments.ts";
import { linkToMany } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const openEnum = defineSchema({
  namespace: "xtk",
  name: "enum",
  label: "Enumerations",
  labelSingular: "Enumeration",
  table: "xtk_enum",
  attributes: {
    id: { type: "int64", column: "enum_id", label: "Primary key", sequenceCache: 20 },
    name: { type: "string", column: "name", label: "Internal name", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    isOpen: {
      type: "boolean",
      column: "is_open",
      label: "Open",
      description: "Values that are written into a field and are not in the list are added to it.",
      default: true,
    },
    ...stamps,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["name"] }],
  links: {
    ...stampLinks,
    enumValue: linkToMany("Values", "xtk:enumValue", "enum-id", { reverse: "enum", integrity: "owncopy" }),
  },
  computeString: "@label",
  access: { write: "admin" },
  isAudited: true,
  restName: "enumerations",
});
