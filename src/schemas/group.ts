/** Lists of recipients. */

import { defineSchema } from "./schema.ts";

export const group = defineSchema({
  namespace: "nms",
  name: "group",
  label: "Groups",
  labelSingular: "Group",
  table: "nms_group",
  attributes: {
    id: { type: "int64", column: "group_id", label: "Primary key", sequenceCache: 20 },
    "folder-id": { type: "int64", column: "folder_id", label: "Folder", default: 0 },
    name: { type: "string", column: "name", label: "Name", required: true },
    label: { type: "string", column: "label", label: "Label", default: "" },
    created: { type: "datetime", column: "created", label: "Created", default: "now" },
  },
  keys: [{ attributes: ["id"] }, { attributes: ["name"] }],
  links: {
    folder: { label: "Folder", target: "xtk:folder", cardinality: "one", join: [{ from: "folder-id", to: "id" }] },
  },
});
