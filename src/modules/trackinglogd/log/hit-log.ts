/**
 * The log that hits are written to before they are answered. All hits of one turn of the event loop are one write into the system's
 * memory, which a kill of the process does not touch. A file is only ever added to by the process that began it.
 */

import { randomBytes } from "node:crypto";
import { close, fdatasync, fstatSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { formatHit, type Hit } from "#channels/hits/hit-line.ts";
import { type Clock, pause } from "#foundation/clock.ts";

export type HitLog = {
  /** Calls back once the hit is in the file, or with the reason why it cannot be written. */
  append(hit: Hit, done: (error?: unknown) => void): void;
  /** Name of the file that hits are being added to; undefined before the first one. */
  currentFile(): string | undefined;
  /** Waits for what is being written, and forces it to the disk. */
  close(): Promise<void>;
};

export type HitLogOptions = {
  readonly folder: string;
  readonly maxFileBytes: number;
  readonly sync: "eachSecond" | "eachHit";
  readonly clock: Clock;
};

const syncIntervalMs = 1_000;

type Waiting = { readonly line: string; readonly done: (error?: unknown) => void };
type OpenFile = { readonly name: string; readonly descriptor: number; size: number };

const syncData = promisify(fdatasync);
const closeFile = promisify(close);

/** Begins a file at the first hit. */
export function openHitLog({ folder, maxFileBytes, sync, clock }: HitLogOptions): HitLog {
  let file: OpenFile | undefined;
  let waiting: Waiting[] = [];
  let isBusy = false;
  let isUnsynced = false;
  let syncing: Promise<void> = Promise.resolve();

  const begin = (): OpenFile => {
    mkdirSync(folder, { recursive: true, mode: 0o750 });
    // The clock may go back and a process may restart within a millisecond: chance makes the name one that never was.
    const name = `${clock.now().getTime().toString(16).padStart(12, "0")}-${randomBytes(4).toString("hex")}.log`;
    return { name, descriptor: openSync(join(folder, name), "ax", 0o640), size: 0 };
  };

  const leave = (): void => {
    const left = file;
    if (left === undefined) return;
    file = undefined;
    isUnsynced = false;
    syncing = syncing
      .then(() => syncData(left.descriptor))
      .catch(() => undefined)
      .then(() => closeFile(left.descriptor))
      .catch(() => undefined);
  };

  /** A file that is full, or that someone shortened or removed, is left as it is: its offsets must keep their meaning. */
  const prepareFile = (): OpenFile => {
    if (file !== undefined) {
      const { size, nlink } = fstatSync(file.descriptor);
      if (size !== file.size || nlink === 0 || size >= maxFileBytes) leave();
    }
    file ??= begin();
    return file;
  };

  const write = (lines: readonly Waiting[]): OpenFile => {
    const target = prepareFile();
    const bytes = Buffer.from(lines.map(({ line }) => `${line}\n`).join(""));
    try {
      let offset = 0;
      while (offset < bytes.length) offset += writeSync(target.descriptor, bytes, offset);
      target.size += bytes.length;
      isUnsynced = true;
      return target;
    } catch (error) {
      // Whatever part arrived stays, since it may have been read already; checksums tell which lines are whole.
      const isEmpty = fstatSync(target.descriptor).size === 0;
      leave();
      if (isEmpty) rmSync(join(folder, target.name), { force: true });
      throw error;
    }
  };

  const writeWaiting = (): void => {
    const batch = waiting;
    waiting = [];
    let target: OpenFile;
    try {
      target = write(batch);
    } catch (error) {
      isBusy = false;
      for (const { done } of batch) done(error);
      return;
    }
    if (sync === "eachSecond") {
      isBusy = false;
      for (const { done } of batch) done();
      return;
    }
    fdatasync(target.descriptor, (error) => {
      isBusy = false;
      for (const { done } of batch) done(error ?? undefined);
      writeSoon();
    });
  };

  /** Whatever comes in this turn of the event loop, and while a sync is under way, is written together. */
  const writeSoon = (): void => {
    if (isBusy || waiting.length === 0) return;
    isBusy = true;
    setImmediate(writeWaiting);
  };

  const isIdle = (): boolean => !isBusy && waiting.length === 0;

  const timer = setInterval(() => {
    if (!isUnsynced || file === undefined) return;
    isUnsynced = false;
    const { descriptor } = file;
    // A disk that cannot keep what it took shows it again at the next write.
    syncing = syncing.then(() => syncData(descriptor)).catch(() => undefined);
  }, syncIntervalMs);
  timer.unref();

  return {
    append: (hit, done) => {
      waiting.push({ line: formatHit(hit), done });
      writeSoon();
    },
    currentFile: () => file?.name,
    close: async () => {
      clearInterval(timer);
      while (!isIdle()) await pause(5);
      leave();
      await syncing;
    },
  };
}
