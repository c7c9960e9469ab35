/** What is the same in every model of a transfer: imports and exports as they were set up, to be run again. */

import { folderField, folderLink, stampLinks, stamps } from "./fragments.ts";
import { linkToOne } from "./link-to.ts";
import { defineSchema } from "./schema.ts";

/**
 * Declares the models of a kind of transfer.
 * @param model.kind its name, its named right, and the link of folders that leads to it
 * @param model.fileLabel what its file is
 */
export function transferModelSchema(model: {
  readonly kind: "import" | "export";
  readonly label: string;
  readonly labelSingular: string;
  readonly fileLabel: string;
}) {
  const { kind, label, labelSingular, fileLabel } = model;
  return defineSchema({
    namespace: "xtk",
    name: kind,
    label,
    labelSingular,
    table: `xtk_${kind}`,
    attributes: {
      id: { type: "int64", column: `${kind}_id`, label: "Primary key", sequenceCache: 20 },
      ...folderField,
      internalName: { type: "string", column: "internal_name", label: "Internal name", required: true, length: 100 },
      label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
      isModel: { type: "boolean", column: "is_model", label: "Template", default: false, isResetByCopy: true },
      schema: { type: "string", column: "schema_name", label: "Schema", default: "nms:recipient", length: 100 },
      file: { type: "string", column: "file", label: fileLabel, default: "", length: 1000 },
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
      ...folderLink(kind),
      ...stampLinks,
      lastJob: linkToOne("Last job", "xtk:job", "lastJob-id"),
    },
    computeString: "@label",
    folderAttribute: "folder-id",
    access: { write: { right: kind } },
  });
}
