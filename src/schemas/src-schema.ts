/** Schemas and extensions of schemas that operators wrote. */

import { documentFields, stampLinks } from "./fragments.ts";
import { defineSchema } from "./schema.ts";

export const srcSchema = defineSchema({
  namespace: "xtk",
  name: "srcSchema",
  label: "Source schemas",
  labelSingular: "Source schema",
  table: "xtk_src_schema",
  attributes: {
    id: { type: "int64", column: "src_schema_id", label: "Primary key", sequenceCache: 20 },
    ...documentFields,
    labelSingular: {
      type: "string",
      column: "label_singular",
      label: "Label of one",
      default: "",
      length: 200,
    },
    extendedSchema: {
      type: "string",
      column: "extended_schema",
      label: "Extended schema",
      description: "The schema that this one adds to, such as nms:recipient; empty for a schema of its own.",
      default: "",
      length: 140,
    },
    appliedDocument: {
      type: "xml",
      column: "applied_document",
      label: "Applied document",
      description: "What the tables have: the document when the structure of the database was last updated.",
      isReadOnly: true,
      isResetByCopy: true,
    },
    applied: { type: "datetime", column: "applied", label: "Applied", isReadOnly: true, isResetByCopy: true },
  },
  keys: [{ attributes: ["id"] }, { attributes: ["namespace", "name"] }],
  links: { ...stampLinks },
  documentAttribute: "document",
  computeString: "@namespace + ':' + @name",
  access: { write: "admin" },
  isAudited: true,
  restName: "source-schemas",
});
