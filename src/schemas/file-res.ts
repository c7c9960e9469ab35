/** Files that were uploaded. */

import { dataField, folderField, folderLink, stampLinks, stamps } from "./fragments.ts";
import { defineSchema } from "./schema.ts";

export const fileRes = defineSchema({
  namespace: "xtk",
  name: "fileRes",
  label: "Files",
  labelSingular: "File",
  table: "xtk_file_res",
  attributes: {
    id: { type: "int64", column: "file_res_id", label: "Primary key", sequenceCache: 20 },
    ...folderField,
    internalName: { type: "string", column: "internal_name", label: "Internal name", required: true, length: 100 },
    label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
    fileName: { type: "string", column: "file_name", label: "File name", default: "", length: 255 },
    extension: { type: "string", column: "extension", label: "Extension", default: "", length: 20 },
    contentType: { type: "string", column: "content_type", label: "Content type", default: "", length: 100 },
    size: { type: "int64", column: "size", label: "Size (bytes)", default: 0, isReadOnly: true },
    md5: { type: "string", column: "md5", label: "MD5", length: 32 },
    content: { type: "blob", column: "content", label: "Content", isInternal: true },
    ...stamps,
    ...dataField,
  },
  dataFields: {
    originalName: { type: "string", label: "Name when it was uploaded", default: "", length: 255 },
    useMd5AsFilename: { type: "boolean", label: "Named by its MD5", default: false },
    storageType: { type: "byte", label: "Storage", default: 0 },
  },
  keys: [{ attributes: ["id"] }, { attributes: ["internalName"] }],
  links: { ...folderLink("fileRes"), ...stampLinks },
  indexes: [{ name: "xtk_file_res_md5", attributes: ["md5"] }],
  computeString: "@label",
  folderAttribute: "folder-id",
  restName: "file-resources",
});
