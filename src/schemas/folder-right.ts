/** What an operator, a group, or everyone may do in a folder; folder 0 is the root of the tree. */

import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const folderRight = defineSchema({
  namespace: "xtk",
  name: "folderRight",
  label: "Rights on folders",
  labelSingular: "Right on a folder",
  description:
    "A folder with rights of its own uses only these; one without has those of its parent. A row that names neither an operator nor a group counts for everyone.",
  table: "xtk_folder_right",
  attributes: {
    "folder-id": { type: "int64", column: "folder_id", label: "Folder", default: 0 },
    "operator-id": { type: "int64", column: "operator_id", label: "Operator", default: 0 },
    "group-id": { type: "int64", column: "group_id", label: "Group", default: 0 },
    canRead: { type: "boolean", column: "can_read", label: "Read", default: false },
    canWrite: { type: "boolean", column: "can_write", label: "Write", default: false },
    canDelete: { type: "boolean", column: "can_delete", label: "Delete", default: false },
  },
  keys: [{ attributes: ["folder-id", "operator-id", "group-id"] }],
  links: {
    folder: linkToOne("Folder", "xtk:folder", "folder-id", { reverse: "folderRight" }),
    operator: linkToOne("Operator", "xtk:operator", "operator-id", { reverse: "folderRight" }),
    group: linkToOne("Group", "xtk:operatorGroup", "group-id", { reverse: "folderRight" }),
  },
  indexes: [
    { name: "xtk_folder_right_operator", attributes: ["operator-id"] },
    { name: "xtk_folder_right_group", attributes: ["group-id"] },
  ],
  access: { write: "admin" },
  isAudited: true,
});
