/** Lists of recipients. */

import { folderField, folderLink, stampLinks, stamps } from "./fragments.ts";
import { linkToMany } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const group = defineSchema({
  namespace: "nms",
  name: "group",
  label: "Groups",
  labelSingular: "Group",
  table: "nms_group",
  attributes: {
    id: { type: "int64", column: "group_id", label: "Primary key", sequenceCache: 20 },
    ...folderField,
    name: { type: "string", column: "name", label: "Name", required: true, length: 200 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    desc: { type: "memo", column: "description", label: "Description" },
    ...stamps,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["name"] }],
  links: {
    ...folderLink("group"),
    ...stampLinks,
    rcpGrpRel: linkToMany("Members", "nms:rcpGrpRel", "group-id", { reverse: "group", integrity: "own" }),
  },
  computeString: "@label",
  folderAttribute: "folder-id",
});
