/** Groups of operators: who is in one has its named rights and its rights on folders. */

import { stampLinks, stamps } from "./fragments.ts";
import { linkToMany } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const operatorGroup = defineSchema({
  namespace: "xtk",
  name: "operatorGroup",
  label: "Groups of operators",
  labelSingular: "Group of operators",
  table: "xtk_operator_group",
  attributes: {
    id: { type: "int64", column: "operator_group_id", label: "Primary key", sequenceCache: 20 },
    name: { type: "string", column: "name", label: "Internal name", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    description: { type: "memo", column: "description", label: "Description" },
    ...stamps,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["name"] }],
  links: {
    ...stampLinks,
    operatorGroupRel: linkToMany("Members", "xtk:operatorGroupRel", "group-id", {
      reverse: "group",
      integrity: "own",
    }),
    groupRight: linkToMany("Named rights", "xtk:groupRight", "group-id", { reverse: "group", integrity: "owncopy" }),
    folderRight: linkToMany("Rights on folders", "xtk:folderRight", "group-id", {
      reverse: "group",
      integrity: "own",
    }),
  },
  computeString: "@label",
  access: { write: "admin" },
  isAudited: true,
});
