/** What holds for every entity of the configuration that is a document. */

import { createHash } from "node:crypto";

import type { RuleRow, WriteRule } from "#datamodel/write/write-context.ts";

/** Keeps the md5 by which clients know whether their copy is still good. */
export const documentRule: WriteRule = { needs: ["document"], complete: (rows) => rows.forEach(setDigest) };

/** Writes the md5 of a row's document, in capitals as Classic does. */
export function setDigest(row: RuleRow): void {
  if (!row.isNew && !row.isChanged("document")) return;
  const document = row.value("document");
  const text = typeof document === "string" ? document : "";
  row.set("md5", createHash("md5").update(text).digest("hex").toUpperCase());
}
