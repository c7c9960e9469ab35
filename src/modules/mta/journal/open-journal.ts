/** The journal of a child: each outcome is on disk before it counts, with one flush for all that wait at the same time. */

import { rmSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";

import { describeError } from "#foundation/errors.ts";
import type { Log } from "#foundation/log.ts";

import { journalFailed, journalNotWritable } from "../errors.ts";
import { journalFileName } from "./journal-files.ts";
import { type JournalEntry, writeRecord } from "./journal-record.ts";

/** An entry on disk; settled once the database has it. */
export type Receipt = { settle(): void };

export type Journal = {
  /**
   * Writes an entry; resolves once it would survive a power cut.
   * @throws journalNotWritable when neither the file nor a new one takes it
   */
  append(entry: JournalEntry): Promise<Receipt>;
  /** Entries on disk that the database does not have yet. */
  readonly unsettled: number;
  /** Closes the files. They are removed when all is settled and nothing is left for the server to do: `mayRemove`. */
  close(mayRemove: boolean): Promise<void>;
};

/** What the journal needs of an open file. */
export type JournalHandle = Pick<FileHandle, "appendFile" | "datasync" | "close">;

type Segment = {
  readonly path: string;
  readonly handle: JournalHandle;
  bytes: number;
  unsettled: number;
  isClosed: boolean;
};

type Waiting = { readonly bytes: Buffer; resolve(segment: Segment): void; reject(error: unknown): void };

/** A file this long is followed by the next one, so that settled files can go. */
const longestSegmentBytes = 4_194_304;

/**
 * Opens the journal of one child. Its first file is there before the child claims anything: by it the server finds, and
 * takes back, what a child held that died.
 * @throws journalNotWritable
 */
export async function openJournal(options: {
  folder: string;
  childId: string;
  instance: string;
  log: Log;
  segmentBytes?: number;
  /** Opens a file to append to; another one than the system's in tests of disks that fail. */
  openFile?: (path: string) => Promise<JournalHandle>;
}): Promise<Journal> {
  const segmentBytes = options.segmentBytes ?? longestSegmentBytes;
  const openFile = options.openFile ?? ((path: string) => open(path, "ax", 0o640));
  const segments = new Set<Segment>();
  let current: Segment | undefined;
  let segmentNumber = 0;
  let queue: Waiting[] = [];
  let writing: Promise<void> | undefined;

  const begin = async (): Promise<Segment> => {
    segmentNumber += 1;
    const path = join(options.folder, journalFileName(options.childId, segmentNumber));
    const handle = await openFile(path);
    const segment: Segment = { path, handle, bytes: 0, unsettled: 0, isClosed: false };
    segments.add(segment);
    current = segment;
    await write(segment, writeRecord({ version: 1, childId: options.childId, instance: options.instance }));
    await syncFolder(options.folder);
    removeSettled();
    return segment;
  };

  const write = async (segment: Segment, bytes: Buffer): Promise<void> => {
    await segment.handle.appendFile(bytes);
    await segment.handle.datasync();
    segment.bytes += bytes.length;
  };

  /** Leaves a file for ever: after a failed flush nobody knows what of it is on disk. */
  const leave = async (segment: Segment): Promise<void> => {
    if (current === segment) current = undefined;
    segment.isClosed = true;
    await segment.handle.close().catch(() => undefined);
  };
  /** The last file stays: a child without a journal would be overlooked when it dies. */
  const removeSettled = (): void => {
    if (current === undefined) return;
    for (const segment of segments) if (segment.isClosed && segment.unsettled === 0) remove(segment);
  };
  const remove = (segment: Segment): void => {
    segments.delete(segment);
    rmSync(segment.path, { force: true });
  };

  const writeBatch = async (bytes: Buffer): Promise<Segment> => {
    if (current !== undefined && current.bytes >= segmentBytes) await leave(current);
    const used = current;
    if (used !== undefined) {
      try {
        await write(used, bytes);
        return used;
      } catch (cause) {
        options.log.error("mta.journal_failed", {
          reason: describeError(journalFailed({ file: used.path }, { cause })),
        });
        await leave(used);
      }
    }
    const fresh = await begin();
    await write(fresh, bytes);
    return fresh;
  };

  /** One flush for everything that came while the last one was under way. */
  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      try {
        const segment = await writeBatch(Buffer.concat(batch.map(({ bytes }) => bytes)));
        segment.unsettled += batch.length;
        for (const waiting of batch) waiting.resolve(segment);
      } catch (cause) {
        if (current !== undefined) await leave(current);
        for (const waiting of batch) waiting.reject(journalNotWritable({ folder: options.folder }, { cause }));
      }
    }
  };

  try {
    await begin();
  } catch (cause) {
    throw journalNotWritable({ folder: options.folder }, { cause });
  }

  return {
    append: async (entry) => {
      const segment = await new Promise<Segment>((resolve, reject) => {
        queue.push({ bytes: writeRecord(entry), resolve, reject });
        writing ??= drain().finally(() => {
          writing = undefined;
        });
      });
      let isSettled = false;
      return {
        settle: () => {
          if (isSettled) return;
          isSettled = true;
          segment.unsettled -= 1;
          removeSettled();
        },
      };
    },
    get unsettled() {
      return [...segments].reduce((sum, segment) => sum + segment.unsettled, 0);
    },
    close: async (mayRemove) => {
      await writing;
      for (const segment of segments) if (!segment.isClosed) await leave(segment);
      const isSettled = [...segments].every((segment) => segment.unsettled === 0);
      if (mayRemove && isSettled) for (const segment of segments) remove(segment);
    },
  };
}

/** A new file's name must survive a power cut as well as its content. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
