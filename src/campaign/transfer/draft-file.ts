/**
 * A file that appears whole or not at all: written under another name in the same folder, and renamed when it is complete.
 * Links are never written through.
 */

import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir, realpath, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";

import { describeError } from "#foundation/errors.ts";

import { targetNotWritable } from "./errors.ts";

export type DraftFile = {
  /** Where the file will be. */
  readonly path: string;
  write(text: string): Promise<void>;
  /** Brings the text to disk and gives the file its name. */
  keep(): Promise<void>;
  /** Leaves nothing behind; does nothing after `keep`. */
  discard(): Promise<void>;
};

/**
 * Begins a file. Drafts that a killed process left for the same file are removed.
 * @throws targetNotWritable when the folder is missing, or something stands there that is no ordinary file
 */
export async function openDraft(file: string): Promise<DraftFile> {
  const asked = resolve(file);
  try {
    const folder = await realpath(dirname(asked));
    const path = join(folder, basename(asked));
    await refuseOddTarget(path);
    await removeOldDrafts(path);
    const draft = join(folder, `${draftPrefix(path)}${process.pid}-${randomBytes(4).toString("hex")}.part`);
    // Exclusive and not following: what an attacker puts under this name makes the call fail.
    const handle = await open(
      draft,
      constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW,
      0o640,
    );
    return draftOver(path, draft, handle);
  } catch (cause) {
    throw cannotWrite(asked, cause);
  }
}

function draftOver(path: string, draft: string, handle: FileHandle): DraftFile {
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await handle.close();
    isOpen = false;
  };
  return {
    path,
    write: async (text) => {
      await handle.writeFile(text).catch((cause: unknown) => {
        throw cannotWrite(path, cause);
      });
    },
    keep: async () => {
      try {
        await handle.sync();
        await close();
        await rename(draft, path);
        await syncFolder(dirname(path));
      } catch (cause) {
        throw cannotWrite(path, cause);
      }
    },
    discard: async () => {
      await close();
      await rm(draft, { force: true });
    },
  };
}

async function refuseOddTarget(path: string): Promise<void> {
  const there = await lstat(path).catch((cause: unknown) => {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw cause;
  });
  if (there === undefined || there.isFile()) return;
  const what = there.isDirectory() ? "a directory" : there.isSymbolicLink() ? "a symbolic link" : "no ordinary file";
  throw targetNotWritable({ file: path, reason: `it is ${what}` });
}

/** Names the host too: on a shared folder another host's process ids mean nothing here. */
function draftPrefix(path: string): string {
  return `.${createHash("sha256")
    .update(`${hostname()}\0${basename(path)}`)
    .digest("hex")
    .slice(0, 16)}-`;
}

async function removeOldDrafts(path: string): Promise<void> {
  const prefix = draftPrefix(path);
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(prefix)) continue;
    const pid = /^(\d+)-[0-9a-f]+\.part$/.exec(name.slice(prefix.length))?.[1];
    const draft = join(dirname(path), name);
    if (pid !== undefined && (await isLeftBehind(draft, Number(pid)))) await rm(draft, { force: true });
  }
}

/** In a container each process may have the same id as the one that died before it. */
async function isLeftBehind(draft: string, pid: number): Promise<boolean> {
  if (pid !== process.pid) return !isAlive(pid);
  const written = await lstat(draft).catch(() => undefined);
  return written !== undefined && written.mtimeMs < Date.now() - process.uptime() * 1_000;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The system's codes that have plain words. */
const writeFaults = new Map([
  ["ENOENT", "its folder does not exist"],
  ["ENOTDIR", "its folder does not exist"],
  ["EACCES", "this user may not write there"],
  ["EROFS", "the disk is read-only"],
  ["ENOSPC", "the disk is full"],
]);

function cannotWrite(file: string, cause: unknown): Error {
  if (cause instanceof Error && "code" in cause && cause.code === "TRF-100012") return cause;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const reason = writeFaults.get(code);
  return reason === undefined
    ? targetNotWritable({ file: file.slice(0, 200), reason: describeError(cause) }, { cause })
    : targetNotWritable({ file, reason });
}
