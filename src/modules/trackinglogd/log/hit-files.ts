/** The files of hits on disk: which there are, and what stands in them from an offset on. */

import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { type HitFile, isHitFileName } from "#channels/hits/hit-file.ts";

/** What is handed out at once: some 20,000 hits. */
const windowBytes = 4_194_304;

/**
 * Lists the files, oldest first.
 * @param currentFile the one that hits are being added to
 */
export async function listHitFiles(folder: string, currentFile: string | undefined): Promise<HitFile[]> {
  const names = (await readdir(folder).catch(() => [])).filter(isHitFileName).sort();
  const files: HitFile[] = [];
  for (const name of names) {
    const found = await stat(join(folder, name)).catch(() => undefined);
    if (found !== undefined) files.push({ name, sizeBytes: found.size, isClosed: name !== currentFile });
  }
  return files;
}

/**
 * Reads whole lines from an offset on, at most 4 MiB. What no line ends any more, because the file is closed or because it is
 * no text, is handed out as it is, so that a reader gets past it.
 * @returns undefined when there is no such file
 */
export async function readHitFile(
  folder: string,
  file: { readonly name: string; readonly isClosed: boolean },
  offset: number,
): Promise<Buffer | undefined> {
  const handle = await open(join(folder, file.name), "r").catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const bytes = await readWindow(handle, offset);
    const end = bytes.lastIndexOf("\n") + 1;
    const isEndless = bytes.length === windowBytes || file.isClosed;
    return end === 0 && isEndless ? bytes : bytes.subarray(0, end);
  } finally {
    await handle.close();
  }
}

async function readWindow(handle: FileHandle, offset: number): Promise<Buffer> {
  const { size } = await handle.stat();
  const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(windowBytes, size - offset)));
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, offset + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}
