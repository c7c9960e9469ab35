/** The files of one journal: records are written to the newest, and a file goes when the database has what is in it. */

import { rmSync } from "node:fs";

import type { JournalHandle } from "./journal-handle.ts";
import {
  type JournalAnnouncement,
  type JournalEntry,
  type JournalHeader,
  type JournalIntent,
  makeRecordBatch,
} from "./journal-record.ts";

/** A record that is still needed, and the file where it stands. */
export type Slot = {
  readonly record: JournalEntry | JournalIntent | JournalAnnouncement;
  segment: Segment | undefined;
};

export type Segment = {
  readonly path: string;
  readonly handle: JournalHandle;
  bytes: number;
  /** In the order of writing. */
  readonly slots: Set<Slot>;
  /** Something was written since the last flush to the disk began. */
  isDirty: boolean;
  /** A flush is under way: the file must stay open. */
  isSyncing: boolean;
  /** The disk has kept it once; a file before it may go. */
  isProved: boolean;
  /** Nothing is written to it any more. */
  isLeft: boolean;
  isClosed: boolean;
};

export type Segments = {
  /** Makes the next file, with its header. @throws what the system says */
  begin(): void;
  /** Writes records at the end of the newest file, or of a new one when that fails. @throws what the system says when both fail */
  write(bytes: Buffer, slots: readonly Slot[]): void;
  settle(slot: Slot): void;
  /** Leaves every file for ever, and writes what is still needed again to a new one. @throws what the system says */
  rewrite(): void;
  /** Files with something that the disk may not have, oldest first. */
  listDirty(): Segment[];
  /** The disk has kept what was written to the file. */
  noteSynced(segment: Segment): void;
  noteFailure(segment: Segment, cause: unknown): void;
  readonly unsettled: number;
  close(mayRemove: boolean): void;
};

/** Opens a set without files. */
export function openSegments(options: {
  header: JournalHeader;
  pathOf: (number: number) => string;
  openFile: (path: string) => JournalHandle;
  segmentBytes: number;
  /** Called when a file is left because the disk failed. */
  onFailure: (path: string, cause: unknown) => void;
}): Segments {
  const segments = new Set<Segment>();
  let current: Segment | undefined;
  let lastNumber = 0;

  const begin = (): Segment => {
    lastNumber += 1;
    const path = options.pathOf(lastNumber);
    const handle = options.openFile(path);
    const segment: Segment = {
      path,
      handle,
      bytes: 0,
      slots: new Set(),
      isDirty: false,
      isSyncing: false,
      isProved: false,
      isLeft: false,
      isClosed: false,
    };
    try {
      const header = makeRecordBatch();
      header.add(options.header);
      append(segment, header.bytes, []);
    } catch (cause) {
      close(segment);
      rmSync(path, { force: true });
      throw cause;
    }
    segments.add(segment);
    current = segment;
    return segment;
  };
  const append = (segment: Segment, bytes: Buffer, slots: readonly Slot[]): void => {
    segment.handle.write(bytes);
    segment.bytes += bytes.length;
    segment.isDirty = true;
    for (const slot of slots) {
      slot.segment?.slots.delete(slot);
      slot.segment = segment;
      segment.slots.add(slot);
    }
  };
  /** A file that fails may end in half a record: what came behind would not be read. */
  const appendOrLeave = (segment: Segment, bytes: Buffer, slots: readonly Slot[]): void => {
    try {
      append(segment, bytes, slots);
    } catch (cause) {
      leave(segment);
      throw cause;
    }
  };
  const leave = (segment: Segment): void => {
    if (current === segment) current = undefined;
    segment.isLeft = true;
    closeWhenDone(segment);
  };
  const closeWhenDone = (segment: Segment): void => {
    if (segment.isLeft && !segment.isDirty && !segment.isSyncing) close(segment);
  };
  const close = (segment: Segment): void => {
    if (segment.isClosed) return;
    segment.isClosed = true;
    try {
      segment.handle.close();
    } catch {
      // What it held is judged by its flushes, and the descriptor is gone either way.
    }
  };
  /** A file goes only when a later one is surely there: a child without a journal would be overlooked when it dies. */
  const removeSettled = (): void => {
    if (current === undefined) return;
    for (const segment of segments) {
      const isReplaced = current.isProved || !segment.isProved;
      if (segment.isClosed && segment.slots.size === 0 && isReplaced) remove(segment);
    }
  };
  const remove = (segment: Segment): void => {
    segments.delete(segment);
    rmSync(segment.path, { force: true });
  };

  return {
    begin: () => void begin(),
    write: (bytes, slots) => {
      if (current !== undefined && current.bytes >= options.segmentBytes) leave(current);
      if (current !== undefined) {
        const used = current;
        try {
          return appendOrLeave(used, bytes, slots);
        } catch (cause) {
          options.onFailure(used.path, cause);
        }
      }
      appendOrLeave(begin(), bytes, slots);
    },
    settle: (slot) => {
      const { segment } = slot;
      if (segment === undefined || !segment.slots.delete(slot)) return;
      if (segment.isClosed && segment.slots.size === 0) removeSettled();
    },
    rewrite: () => {
      const slots = [...segments].flatMap((segment) => [...segment.slots]);
      const again = makeRecordBatch();
      for (const { record } of slots) again.add(record);
      for (const segment of segments) {
        segment.isDirty = false;
        leave(segment);
      }
      appendOrLeave(begin(), again.bytes, slots);
      removeSettled();
    },
    listDirty: () => [...segments].filter(({ isDirty }) => isDirty),
    noteSynced: (segment) => {
      segment.isProved = true;
      closeWhenDone(segment);
      removeSettled();
    },
    noteFailure: (segment, cause) => options.onFailure(segment.path, cause),
    get unsettled() {
      let count = 0;
      for (const { slots } of segments) count += slots.size;
      return count;
    },
    close: (mayRemove) => {
      for (const segment of segments) close(segment);
      const isSettled = [...segments].every(({ slots }) => slots.size === 0);
      if (mayRemove && isSettled) for (const segment of segments) remove(segment);
    },
  };
}
