/** Where uploaded files lie: below the instance's own folder, under names made of their content, never of what a client wrote. */

import { createHash, randomBytes } from "node:crypto";
import { constants, createWriteStream } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { type Home, instanceFolder } from "./home.ts";

export type UploadedFile = { readonly md5: string; readonly size: number; readonly name: string };

/**
 * Stores a stream.
 * @param extension as `extensionOf` gives it
 * @returns undefined when the stream was cut short at its limit; nothing is left behind then
 */
export async function storeUpload(
  place: { readonly home: Home; readonly instance: string },
  content: Readable & { readonly truncated: boolean },
  extension: string,
): Promise<UploadedFile | undefined> {
  const folder = instanceFolder(place.home, place.instance, "upload");
  const draft = join(folder, `.${randomBytes(12).toString("hex")}.part`);
  const hash = createHash("md5");
  let size = 0;
  content.on("data", (piece: Buffer) => {
    hash.update(piece);
    size += piece.length;
  });
  try {
    await pipeline(content, createWriteStream(draft, { flags: "wx", mode: 0o640 }));
    if (content.truncated) return undefined;
    const md5 = hash.digest("hex");
    const name = nameOf(md5, extension);
    await rename(draft, join(folder, name));
    return { md5, size, name };
  } finally {
    await rm(draft, { force: true });
  }
}

/** Opens a file; undefined when there is none. A link in its place is not followed. */
export async function openUpload(
  place: { readonly home: Home; readonly instance: string },
  { md5, extension }: { readonly md5: string; readonly extension: string },
): Promise<FileHandle | undefined> {
  if (!/^[0-9a-f]{32}$/.test(md5)) return undefined;
  const path = join(instanceFolder(place.home, place.instance, "upload"), nameOf(md5, extension));
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ELOOP"))
      return undefined;
    throw error;
  }
}

/** The extension of a name, as far as it is one: up to ten letters and digits, in lower case. */
export function extensionOf(name: string): string {
  return /\.([a-z0-9]{1,10})$/i.exec(name)?.[1]?.toLowerCase() ?? "";
}

function nameOf(md5: string, extension: string): string {
  return extension === "" ? md5 : `${md5}.${extension}`;
}
