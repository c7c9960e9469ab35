/** The tree in which entities are filed. */

import { defineSchema } from "./schema.ts";

export const folder = defineSchema({
  namespace: "xtk",
  name: "folder",
  label: "Folders",
  labelSingular: "Folder",
  table: "xtk_folder",
  attributes: {
    id: { type: "int64", column: "folder_id", label: "Primary key", sequenceCache: 20 },
    "parent-id": { type: "int64", column: "parent_id", label: "Parent folder", default: 0 },
    name: { type: "string", column: "name", label: "Internal name", required: true, length: 200 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    created: { type: "datetime", column: "created", label: "Created", default: "now" },
  },
  keys: [{ attributes: ["id"] }, { attributes: ["name"] }],
  links: {
    parent: {
      label: "Parent folder",
      target: "xtk:folder",
      cardinality: "one",
      join: [{ from: "parent-id", to: "id" }],
    },
  },
});
