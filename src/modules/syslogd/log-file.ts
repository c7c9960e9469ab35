/**
 * One log file and its predecessor: lines are gathered and written in batches; a full file becomes `<name>_2.log`. A disk that is
 * full costs lines, which are counted, and never the process.
 */

import { type FileHandle, mkdir, open, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";

import { describeError } from "#foundation/errors.ts";

export type LogFile = {
  /** Takes a line without its end; it is written with the next batch. */
  append(line: string): void;
  /** Writes what waits; resolves when it is on its way to the disk or counted as lost. Never fails. */
  flush(): Promise<void>;
  close(): Promise<void>;
  /** Bytes that wait in memory. */
  waitingBytes(): number;
};

export type LogFileOptions = {
  /** Without `.log`. */
  readonly path: string;
  readonly maxBytes: number;
  /** Makes the line that stands where lines were lost. */
  readonly describeLoss: (lostLines: number, reason: string) => string;
  /** Called at the first failure after a success. */
  readonly onFailure: (error: unknown) => void;
  /** Called at the first success after failures, with all that was lost between. */
  readonly onRecovery: (lostLines: number) => void;
};

/** What may wait for a slow disk, per file. */
const mostWaitingBytes = 8_388_608;

type OpenFile = { readonly handle: FileHandle; readonly inode: number; size: number };

/** Opens the file at its first line. */
export function openLogFile(options: LogFileOptions): LogFile {
  const path = `${options.path}.log`;
  let waiting: string[] = [];
  let waitingBytes = 0;
  let untoldLosses = 0;
  let trouble: { reason: string; lostLines: number } | undefined;
  let file: OpenFile | undefined;
  let writing: Promise<void> = Promise.resolve();
  let queued: Promise<void> | undefined;

  const lose = (lines: number, error: unknown): void => {
    untoldLosses += lines;
    if (trouble === undefined) {
      trouble = { reason: describeError(error), lostLines: 0 };
      options.onFailure(error);
    }
    trouble.lostLines += lines;
  };

  const writeWaiting = async (): Promise<void> => {
    const lines = waiting;
    waiting = [];
    waitingBytes = 0;
    if (lines.length === 0) return;
    const told = untoldLosses;
    // The notice goes with the lines that follow it: alone it would still find room where they do not.
    const batch = told === 0 ? lines : [options.describeLoss(told, trouble?.reason ?? ""), ...lines];
    let written = 0;
    try {
      for (const portion of inPortions(batch, options.maxBytes)) {
        await writeLines(portion);
        if (written === 0) untoldLosses -= told;
        written += portion.length;
      }
      if (trouble !== undefined) options.onRecovery(trouble.lostLines);
      trouble = undefined;
    } catch (error) {
      lose(Math.min(lines.length, batch.length - written), error);
    }
  };

  const writeLines = async (lines: readonly string[]): Promise<void> => {
    const bytes = Buffer.from(`${lines.join("\n")}\n`);
    let target = await openForAppending();
    if (target.size > 0 && target.size + bytes.length > options.maxBytes) target = await rotate();
    try {
      let offset = 0;
      while (offset < bytes.length) offset += (await target.handle.write(bytes, offset)).bytesWritten;
      target.size += bytes.length;
    } catch (error) {
      // Half a line would spoil the next one; a file can be made shorter on a full disk too.
      await target.handle.truncate(target.size).catch(() => undefined);
      throw error;
    }
  };

  /** An operator may have emptied, moved or deleted the file meanwhile. */
  const openForAppending = async (): Promise<OpenFile> => {
    if (file !== undefined) {
      const there = await stat(path).catch(() => undefined);
      if (there?.ino === file.inode) {
        file.size = there.size;
        return file;
      }
      await closeHandle();
    }
    await mkdir(dirname(path), { recursive: true, mode: 0o750 });
    const handle = await open(path, "a", 0o640);
    const { ino, size } = await handle.stat();
    file = { handle, inode: ino, size };
    return file;
  };

  const rotate = async (): Promise<OpenFile> => {
    await closeHandle();
    await rename(path, `${options.path}_2.log`);
    return openForAppending();
  };

  const closeHandle = async (): Promise<void> => {
    const handle = file?.handle;
    file = undefined;
    await handle?.close().catch(() => undefined);
  };

  const flush = (): Promise<void> => {
    // One turn takes all that waits by then, however often it was asked for.
    queued ??= writing.then(() => {
      queued = undefined;
      return writeWaiting();
    });
    writing = queued;
    return queued;
  };

  return {
    append: (line) => {
      const size = Buffer.byteLength(line) + 1;
      if (waitingBytes + size > mostWaitingBytes) return lose(1, new Error("the disk is too slow"));
      waiting.push(line);
      waitingBytes += size;
    },
    flush,
    waitingBytes: () => waitingBytes,
    close: async () => {
      await flush();
      await closeHandle();
    },
  };
}

/** Splits lines so that no portion alone fills a file; a batch is seldom that large. */
function inPortions(lines: readonly string[], maxBytes: number): string[][] {
  const limit = Math.min(maxBytes, 262_144);
  const portions: string[][] = [];
  let portion: string[] = [];
  let size = 0;
  for (const line of lines) {
    const bytes = Buffer.byteLength(line) + 1;
    if (size + bytes > limit && portion.length > 0) {
      portions.push(portion);
      portion = [];
      size = 0;
    }
    portion.push(line);
    size += bytes;
  }
  portions.push(portion);
  return portions;
}
