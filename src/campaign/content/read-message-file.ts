/** Reads an uploaded file that goes with messages. */

import { createHash } from "node:crypto";

import type { Statements } from "#foundation/database.ts";
import type { Home } from "#foundation/home.ts";
import { extensionOf, openUpload } from "#foundation/uploaded-files.ts";

import type { MessageFile } from "./encode-file.ts";
import type { StoredFile } from "./message-file-store.ts";

/** Where files are looked for. */
export type FilePlace = { readonly home: Home; readonly instance: string; readonly db: Statements };

/**
 * Reads a file from the database where it is kept there, else from this host's disk.
 * @param row undefined when there is no such file
 * @param name what recipients see; empty = the name of the file
 */
export async function readMessageFile(
  place: FilePlace,
  row: StoredFile | undefined,
  name: string,
): Promise<MessageFile | undefined> {
  if (row === undefined) return undefined;
  const content = isOf(row.content, row.md5) ? row.content : await readUpload(place, row);
  if (content === undefined) return undefined;
  const fileName = row.fileName === "" ? row.internalName : row.fileName;
  return {
    name: name === "" ? fileName : name,
    contentType: row.contentType === "" ? (contentTypes[extensionOf(fileName)] ?? "") : row.contentType,
    content,
  };
}

/** A row may have been given another file since its content was kept, and a file on a disk may have been written over. */
function isOf(content: Buffer | undefined, md5: string): boolean {
  return content !== undefined && createHash("md5").update(content).digest("hex") === md5;
}

async function readUpload(place: FilePlace, { md5, fileName }: StoredFile): Promise<Buffer | undefined> {
  const file = await openUpload(place, { md5, extension: extensionOf(fileName) });
  if (file === undefined) return undefined;
  try {
    const content = await file.readFile();
    return isOf(content, md5) ? content : undefined;
  } finally {
    await file.close();
  }
}

const contentTypes: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  pdf: "application/pdf",
  txt: "text/plain",
  csv: "text/csv",
  ics: "text/calendar",
  zip: "application/zip",
};
