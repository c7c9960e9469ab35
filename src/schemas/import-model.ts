/** Imports as they were set up, to be run again: which file into which fields. */

import { folderField, folderLink, stampLinks, stamps } from "./fragments.ts";
import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

export const importModel = defineSchema({
  namespace: "xtk",
  name: "import",
  label: "Imports",
  labelSingular: "Import",
  table: "xtk_import",
  attributes: {
    id: { type: "int64", column: "import_id", label: "Primary key", sequenceCache: 20 },
    ...folderField,
    internalName: { type: "string", column: "internal_name", label: "Internal name", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    isModel: { type: "boolean", column: "is_model", label: "Template", default: false, isResetByCopy: true },
    schema: { type: "string", column: "schema_name", label: "Schema", default: "nms:recipient", length: 100 },
    file: { type: "string", column: "file", label: "The file it reads", default: "", length: 1000 },
    parameters: {
      type: "json",
      column: "parameters",
      label: "Parameters",
      description: "As the module takes them: separator, encoding, and what each column is.",
      default: "{}",
    },
    "lastJob-id": {
      type: "int64",
      column: "last_job_id",
      label: "Last job",
      default: 0,
      isReadOnly: true,
      isResetByCopy: true,
    },
    ...stamps,
  },
  keys: [{ attributes: ["id"] }, { attributes: ["internalName"] }],
  links: {
    ...folderLink("import"),
    ...stampLinks,
    lastJob: linkToOne("Last job", "xtk:job", "lastJob-id"),
  },
  computeString: "@label",
  folderAttribute: "folder-id",
  access: { write: { right: "import" } },
});
