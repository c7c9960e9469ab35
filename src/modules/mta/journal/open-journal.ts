/**
 * The journal of a child. What is appended in one turn of the event loop is written with one call, and survives the death of the process
 * from then on; fdatasync follows behind, for all that was written meanwhile (docs/decisions/0037).
 */

import { join } from "node:path";

import { readBootId } from "#foundation/boot-id.ts";
import { describeError } from "#foundation/errors.ts";
import type { Log } from "#foundation/log.ts";

import { journalFailed, journalNotWritable } from "../errors.ts";
import { journalFileName } from "./journal-files.ts";
import { type JournalHandle, openJournalHandle } from "./journal-handle.ts";
import { type JournalEntry, type JournalIntent, makeRecordBatch } from "./journal-record.ts";
import { openSegments, type Slot } from "./segments.ts";
import { groupSyncs } from "./group-syncs.ts";

/** An entry in the file; settled once the database has it. */
export type Receipt = { settle(): void };

export type Journal = {
  /**
   * Writes an outcome; resolves once it would survive the death of this process. It takes the place of the message's intent.
   * @throws journalNotWritable when neither the file nor a new one takes it, or the disk keeps nothing
   */
  append(entry: JournalEntry): Promise<Receipt>;
  /**
   * Writes, before it returns, that the content of a message is about to leave. A few microseconds.
   * @returns false when it could not be written
   */
  note(intent: JournalIntent): boolean;
  /**
   * Writes that the content of a message will leave, and brings it to the disk: what was not announced has not left, whatever the power does.
   * @returns false when it could not be written or kept
   */
  announce(intent: JournalIntent): Promise<boolean>;
  /** Takes an intent back: the content did not leave whole, and no outcome is known. */
  withdraw(broadLogId: number): void;
  /** Writes a record that means nothing; false when neither the file nor a new one takes it. */
  isWritable(): boolean;
  /** Records in files that the database does not have yet: outcomes, and intents without outcome. */
  readonly unsettled: number;
  /** False while records that the database does not have cannot be brought to the disk. */
  readonly isTrusted: boolean;
  /** Closes the files. They are removed when all is settled and nothing is left for the server to do: `mayRemove`. */
  close(mayRemove: boolean): Promise<void>;
};

type Waiting = { readonly slot: Slot; resolve(receipt: Receipt): void; reject(error: unknown): void };

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
  /** Each content is announced before it leaves. */
  announces?: boolean;
  segmentBytes?: number;
  /** Opens a file to append to; another one than the system's in tests of disks that fail. */
  openFile?: (path: string) => JournalHandle;
}): Promise<Journal> {
  const { folder, childId, instance, log } = options;
  const bootId = readBootId();
  const segments = openSegments({
    header: {
      version: 2,
      childId,
      instance,
      ...(bootId === undefined ? {} : { bootId }),
      ...(options.announces === true ? { announces: true } : {}),
    },
    pathOf: (number) => join(folder, journalFileName(childId, number)),
    openFile: options.openFile ?? openJournalHandle,
    segmentBytes: options.segmentBytes ?? longestSegmentBytes,
    onFailure: (file, cause) =>
      log.error("mta.journal_failed", { reason: describeError(journalFailed({ file }, { cause })) }),
  });
  const syncs = groupSyncs(segments, folder);
  const batch = makeRecordBatch();
  /** Intents in files, by message. */
  const intents = new Map<number, Slot>();
  const announcements = new Map<number, Slot>();
  let waiting: Waiting[] = [];
  let isScheduled = false;

  const notWritable = (cause: unknown): Error => journalNotWritable({ folder }, { cause });

  /** Writes what has collected; false when no file takes it. */
  const flush = (noted: readonly Slot[] = []): boolean => {
    const appended = waiting;
    waiting = [];
    if (batch.bytes.length === 0) return true;
    try {
      segments.write(batch.bytes, [...appended.map(({ slot }) => slot), ...noted]);
    } catch (cause) {
      for (const { reject } of appended) reject(notWritable(cause));
      return false;
    } finally {
      batch.clear();
    }
    syncs.noteWritten(appended.length);
    for (const { slot, resolve } of appended) {
      if ("outcome" in slot.record) forgetBoth(slot.record.outcome.broadLogId);
      resolve({ settle: () => segments.settle(slot) });
    }
    return true;
  };
  const flushSoon = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      flush();
    });
  };
  const forget = (slots: Map<number, Slot>, broadLogId: number): void => {
    const slot = slots.get(broadLogId);
    if (slot === undefined) return;
    slots.delete(broadLogId);
    segments.settle(slot);
  };
  const forgetBoth = (broadLogId: number): void => {
    forget(intents, broadLogId);
    if (announcements.size > 0) forget(announcements, broadLogId);
  };

  try {
    segments.begin();
    await syncs.now();
  } catch (cause) {
    throw notWritable(cause);
  }

  return {
    append: (entry) => {
      if (syncs.refusal !== undefined) return Promise.reject(notWritable(syncs.refusal));
      const { promise, resolve, reject } = Promise.withResolvers<Receipt>();
      batch.add(entry);
      waiting.push({ slot: { record: entry, segment: undefined }, resolve, reject });
      flushSoon();
      return promise;
    },
    note: (intent) => {
      if (syncs.refusal !== undefined) return false;
      const slot: Slot = { record: intent, segment: undefined };
      batch.add(intent);
      if (!flush([slot])) return false;
      forget(intents, intent.broadLogId);
      intents.set(intent.broadLogId, slot);
      return true;
    },
    announce: async ({ atMs: announcedMs, ...announced }) => {
      if (syncs.refusal !== undefined) return false;
      const slot: Slot = { record: { ...announced, announcedMs }, segment: undefined };
      batch.add(slot.record);
      if (!flush([slot])) return false;
      forget(announcements, announced.broadLogId);
      announcements.set(announced.broadLogId, slot);
      return syncs.whenKept();
    },
    withdraw: (broadLogId) => {
      if (!intents.has(broadLogId) && !announcements.has(broadLogId)) return;
      forgetBoth(broadLogId);
      batch.add({ withdrawnId: broadLogId });
      flushSoon();
    },
    isWritable: () => {
      if (syncs.refusal !== undefined) return false;
      batch.add({ withdrawnId: 0 });
      return flush();
    },
    get unsettled() {
      return segments.unsettled;
    },
    get isTrusted() {
      return segments.unsettled === 0 || (syncs.refusal === undefined && !syncs.isOverdue);
    },
    close: async (mayRemove) => {
      batch.add({ hasEnded: true });
      flush();
      await syncs.stop();
      segments.close(mayRemove);
    },
  };
}
