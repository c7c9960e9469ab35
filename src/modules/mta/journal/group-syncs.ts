/** Brings the journal to the disk behind the writers' back: one fdatasync at a time, for all that was written meanwhile. */

import { open } from "node:fs/promises";

import type { Segment, Segments } from "./segments.ts";

export type GroupSyncs = {
  /** So many outcomes were written. */
  noteWritten(outcomes: number): void;
  /** Flushes what is written; rejects when the disk does not keep it. */
  now(): Promise<void>;
  /** Resolves when all that is written is on the disk; false when the disk does not keep it. */
  whenKept(): Promise<boolean>;
  /** Why the disk keeps nothing, also of a new file; undefined while all is well. */
  readonly refusal: unknown;
  /** True while a flush takes longer than any disk should need. */
  readonly isOverdue: boolean;
  /** Flushes what is left; a disk that does not keep it is left as it is. */
  stop(): Promise<void>;
};

/** What a power cut may cost at most. */
const groupMs = 10;
const groupOutcomes = 64;
const overdueMs = 1_500;
const retryMs = 500;

/**
 * Starts nothing until something is written. A file whose flush failed is never flushed again: what the system could not write it may
 * have forgotten, and the next fdatasync would succeed without it. Its records go to a new file instead.
 * @source reliability F19; PostgreSQL's rule since 2018 ("fsyncgate")
 */
export function groupSyncs(segments: Segments, folder: string): GroupSyncs {
  let written = 0;
  let timer: NodeJS.Timeout | undefined;
  let syncing: Promise<void> | undefined;
  let startedMs = 0;
  let refusal: unknown;
  let isStopping = false;
  let waiting: ((isKept: boolean) => void)[] = [];
  let isPlanned = false;

  const answer = (waiters: typeof waiting, isKept: boolean): void => {
    for (const resolve of waiters) resolve(isKept);
  };
  const answerAll = (isKept: boolean): void => answer(waiting.splice(0), isKept);

  const syncAll = async (): Promise<void> => {
    for (;;) {
      const [segment] = segments.listDirty();
      if (segment === undefined) return;
      written = 0;
      await sync(segment);
    }
  };
  const sync = async (segment: Segment): Promise<void> => {
    segment.isDirty = false;
    segment.isSyncing = true;
    startedMs = performance.now();
    try {
      await segment.handle.datasync();
      // A new file's name must survive a power cut as well as its content.
      if (!segment.isProved) await syncFolder(folder);
    } catch (cause) {
      segments.noteFailure(segment, cause);
      throw cause;
    } finally {
      startedMs = 0;
      segment.isSyncing = false;
    }
    segments.noteSynced(segment);
  };
  /** Flushes; after a failure once more, in a new file. */
  const run = async (): Promise<void> => {
    const before = waiting;
    waiting = [];
    try {
      await runTwice();
      answer(before, true);
    } catch (cause) {
      answer(before, false);
      throw cause;
    }
  };
  const runTwice = async (): Promise<void> => {
    try {
      await syncAll();
    } catch {
      segments.rewrite();
      await syncAll();
    }
    refusal = undefined;
  };
  const start = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const running = run().finally(() => {
      syncing = undefined;
    });
    syncing = running;
    return running;
  };
  const startInBackground = (): void => {
    void start().then(
      () => plan(),
      (cause: unknown) => {
        refusal = cause;
        answerAll(false);
        if (isStopping) return;
        timer = setTimeout(startAnew, retryMs);
        timer.unref();
      },
    );
  };
  /** Nothing of what failed is trusted: the next attempt is made with a new file. */
  const startAnew = (): void => {
    timer = undefined;
    try {
      segments.rewrite();
    } catch (cause) {
      refusal = cause;
      timer = setTimeout(startAnew, retryMs);
      timer.unref();
      return;
    }
    startInBackground();
  };
  const plan = (): void => {
    if (isStopping || syncing !== undefined || refusal !== undefined) return;
    if (segments.listDirty().length === 0) answerAll(true);
    else if (written >= groupOutcomes || waiting.length > 0) startInBackground();
    else timer ??= setTimeout(startInBackground, groupMs);
  };

  return {
    noteWritten: (outcomes) => {
      written += outcomes;
      if (syncing === undefined && (timer === undefined || written >= groupOutcomes)) plan();
    },
    now: () => start(),
    whenKept: () => {
      if (isStopping || refusal !== undefined) return Promise.resolve(false);
      const { promise, resolve } = Promise.withResolvers<boolean>();
      waiting.push(resolve);
      if (!isPlanned) {
        isPlanned = true;
        // What is announced in the same turn shares a flush.
        setImmediate(() => {
          isPlanned = false;
          plan();
        });
      }
      return promise;
    },
    get refusal() {
      return refusal;
    },
    get isOverdue() {
      return startedMs !== 0 && performance.now() - startedMs > overdueMs;
    },
    stop: async () => {
      isStopping = true;
      clearTimeout(timer);
      await syncing?.catch(() => undefined);
      if (refusal === undefined) await run().catch(() => undefined);
      answerAll(false);
    },
  };
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
