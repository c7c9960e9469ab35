/** Fields and links that many schemas have, so that they are called and stored the same everywhere. */

import { linkToOne } from "./link-to.ts";

/** When a row was written first and last. */
export const dates = {
  created: { type: "datetime", column: "created", label: "Created", default: "now", stamp: "created" },
  lastModified: {
    type: "datetime",
    column: "last_modified",
    label: "Last modified",
    default: "now",
    stamp: "modified",
  },
} as const;

/** When a row was written first and last, and by whom. */
export const stamps = {
  ...dates,
  "createdBy-id": { type: "int64", column: "created_by", label: "Created by", default: 0, stamp: "createdBy" },
  "modifiedBy-id": { type: "int64", column: "modified_by", label: "Modified by", default: 0, stamp: "modifiedBy" },
} as const;

/** The operators of `stamps`. */
export const stampLinks = {
  createdBy: linkToOne("Created by", "xtk:operator", "createdBy-id"),
  modifiedBy: linkToOne("Modified by", "xtk:operator", "modifiedBy-id"),
};

/** The server alone writes it, and a copy of the row starts anew. */
export const kept = { isReadOnly: true, isResetByCopy: true } as const;

/** Where a row is filed. */
export const folderField = {
  "folder-id": { type: "int64", column: "folder_id", label: "Folder", default: 0 },
} as const;

/**
 * Where a row is filed.
 * @param reverse the link of `xtk:folder` that leads to the rows of this schema
 */
export function folderLink(reverse: string) {
  return { folder: linkToOne("Folder", "xtk:folder", "folder-id", { reverse }) };
}

/** The rest of an entity that has no columns: what `dataFields` are kept in. */
export const dataField = {
  data: { type: "json", column: "data", label: "Other fields", default: "{}", isInternal: true },
} as const;

/** What identifies an entity of the configuration, and the document that it is. */
export const documentFields = {
  namespace: { type: "string", column: "namespace", label: "Namespace", required: true, length: 30 },
  name: { type: "string", column: "name", label: "Name", required: true, length: 100 },
  label: { type: "string", column: "label", label: "Label", default: "", length: 200 },
  description: { type: "memo", column: "description", label: "Description" },
  document: { type: "xml", column: "document", label: "Document" },
  md5: {
    type: "string",
    column: "md5",
    label: "MD5",
    description: "Of the document, so that clients ask for it only when it has changed.",
    length: 32,
    isReadOnly: true,
  },
  ...stamps,
} as const;
