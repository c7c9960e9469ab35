/** Opens a file to import, and notices when it changes under the hand. */

import { constants, type Stats } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { resolve } from "node:path";

import { describeError } from "#foundation/errors.ts";

import { listChanged, listIsEmpty, listIsNoFile, listMissing, listUnreadable } from "./errors.ts";

export type ListFile = {
  readonly path: string;
  readonly size: number;
  /** Identifies the file, whatever it is called. */
  readonly device: number;
  readonly inode: number;
  /** The bytes, once; each piece is overwritten by the next. */
  chunks(): AsyncGenerator<Buffer>;
  bytesRead(): number;
  /** @throws listChanged when the file is not the one that was opened, or not as it was */
  checkUnchanged(): Promise<void>;
  close(): Promise<void>;
};

const chunkBytes = 64 * 1024;

/**
 * Opens a regular file; a pipe or a device is refused without waiting for it.
 * @throws listMissing, listIsNoFile, listIsEmpty, listUnreadable
 */
export async function openList(file: string): Promise<ListFile> {
  const path = resolve(file);
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw explain(path, cause);
  });
  try {
    const opened = await handle.stat();
    if (!opened.isFile())
      throw listIsNoFile({ file: path, what: opened.isDirectory() ? "a directory" : "a device or a pipe" });
    if (opened.size === 0) throw listIsEmpty({ file: path });
    return listOver(path, handle, opened);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function listOver(path: string, handle: FileHandle, opened: Stats): ListFile {
  let bytesRead = 0;
  return {
    path,
    size: opened.size,
    device: opened.dev,
    inode: opened.ino,
    chunks: async function* () {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      for (;;) {
        const { bytesRead: got } = await handle.read(chunk, 0, chunkBytes, bytesRead).catch((cause: unknown) => {
          throw listUnreadable({ file: path, reason: describeError(cause) }, { cause });
        });
        if (got === 0) return;
        bytesRead += got;
        yield chunk.subarray(0, got);
      }
    },
    bytesRead: () => bytesRead,
    checkUnchanged: async () => {
      const now = await stat(path).catch(() => undefined);
      if (now === undefined) throw listChanged({ file: path, what: "vanished" });
      if (now.ino !== opened.ino || now.dev !== opened.dev) throw listChanged({ file: path, what: "was replaced" });
      if (now.size !== opened.size || bytesRead !== opened.size || now.mtimeMs !== opened.mtimeMs)
        throw listChanged({ file: path, what: "was changed" });
    },
    close: () => handle.close(),
  };
}

function explain(path: string, cause: unknown): Error {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  // What these mean is said; the system's own words would only be put behind it.
  if (code === "ENOENT" || code === "ENOTDIR") return listMissing({ file: path });
  if (code === "EACCES") return listUnreadable({ file: path, reason: "this user may not read it" });
  return listUnreadable({ file: path.slice(0, 200), reason: describeError(cause) }, { cause });
}
