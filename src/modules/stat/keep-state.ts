/** Keeps in the database what the next run of stat must know: what was spent, by whom, and the days of warm-ups. */

import { slicesPerHour } from "#channels/permits/permit-messages.ts";
import type { Database } from "#foundation/database.ts";
import type { Log } from "#foundation/log.ts";
import { repeat } from "#foundation/repeat.ts";

import type { QuotaBook } from "./quotas/quota-book.ts";
import { sliceOf } from "./quotas/slice-quota.ts";
import {
  deleteOldSpent,
  listSenders,
  listSpent,
  listWarmUpDays,
  writeSenders,
  writeSpent,
  writeWarmUpDays,
} from "./spent-store.ts";
import type { WarmUpBook } from "./warm-ups/warm-up-book.ts";

type Tools = {
  readonly db: Database;
  readonly log: Log;
  readonly book: QuotaBook;
  readonly warmUps: WarmUpBook;
  readonly nowMs: () => number;
};

export type KeptState = {
  /**
   * True once it is written that a sender is there, so that the next run waits for it; begins to write it otherwise. After a while
   * without a database it is taken for true: sending does not end with it.
   */
  knows(sender: string): boolean;
  /** A sender ended, by its id or the beginning of it. */
  forget(sender: string): void;
  /** Resolves once all that was counted up to now is written, or the database has not taken it for a while. */
  written(): Promise<void>;
  stop(): Promise<void>;
};

/** A sender that is not written yet is let through after this time. */
const longestUnknownMs = 5_000;
/** A sender that asked and got nothing is no sender any more. */
const candidateMs = 60_000;
/** What senders spent that were killed together with the server is known up to here; of all others a report tells, or their farewell. */
const writeEveryMs = 1_000;
const longestFarewellMs = 5_000;
const oneDayMs = 86_400_000;

/**
 * Takes in what the run before wrote.
 * @returns the senders that held something then
 */
export async function readState({ db, book, warmUps, nowMs }: Tools): Promise<readonly string[]> {
  const senders = await listSenders(db);
  // A day before today in any time zone: the ramp looks at its own day.
  warmUps.restore(await listWarmUpDays(db, new Date(nowMs() - 2 * oneDayMs).toISOString().slice(0, 10)));
  book.restore(await listSpent(db, sliceOf(nowMs()) - slicesPerHour));
  return senders;
}

/** Writes what changed, every second and at the end, in one transaction of a few statements. */
export function keepState(tools: Tools): KeptState {
  const { db, log, book, warmUps, nowMs } = tools;
  let writtenSenders = "";
  let purgedSlice = 0;
  let known = new Set<string>();
  const candidates = new Map<string, number>();
  /** Those who wait for what was counted before they asked. */
  let waiting: (() => void)[] = [];
  /** What a failed round could not write: the next one does, with what is newer over it. */
  let spent = new Map<string, ReturnType<QuotaBook["takeChanges"]>[number]>();
  let days = new Map<string, ReturnType<WarmUpBook["takeChanges"]>[number]>();

  const write = async (): Promise<void> => {
    const served = waiting;
    waiting = [];
    try {
      await writeChanges();
    } catch (error) {
      waiting = [...served, ...waiting];
      throw error;
    }
    for (const resolve of served) resolve();
  };
  const writeChanges = async (): Promise<void> => {
    for (const row of book.takeChanges())
      spent.set(`${row.client}\n${row.path.publicId}|${row.path.address}|${row.path.host}\n${row.slice}`, row);
    for (const row of warmUps.takeChanges()) days.set(`${row.warmUpId}|${row.publicId}|${row.day}`, row);
    for (const [sender, askedMs] of candidates) if (nowMs() - askedMs > candidateMs) candidates.delete(sender);
    const senders = [...new Set([...book.listClients(), ...candidates.keys()])];
    const sendersKey = senders.toSorted().join("\n");
    const slice = sliceOf(nowMs());
    if (spent.size === 0 && days.size === 0 && sendersKey === writtenSenders && slice === purgedSlice) return;
    await db.transaction(async (tx) => {
      if (spent.size > 0) await writeSpent(tx, [...spent.values()]);
      if (days.size > 0) await writeWarmUpDays(tx, [...days.values()]);
      if (sendersKey !== writtenSenders) await writeSenders(tx, senders);
      if (slice !== purgedSlice) await deleteOldSpent(tx, slice - slicesPerHour);
    });
    spent = new Map();
    days = new Map();
    writtenSenders = sendersKey;
    known = new Set(senders);
    if (slice !== purgedSlice) book.sweep();
    purgedSlice = slice;
  };
  const loop = repeat({ log, event: "stat.state", intervalMs: writeEveryMs }, write);
  return {
    knows: (sender) => {
      if (known.has(sender)) return true;
      const askedMs = candidates.get(sender) ?? nowMs();
      candidates.set(sender, askedMs);
      loop.wake();
      return nowMs() - askedMs > longestUnknownMs;
    },
    forget: (sender) => {
      for (const name of candidates.keys()) if (name.startsWith(sender)) candidates.delete(name);
    },
    written: () =>
      new Promise((resolve) => {
        setTimeout(resolve, longestFarewellMs).unref();
        waiting.push(resolve);
        loop.wake();
      }),
    stop: async () => {
      await loop.stop();
      // Without the database the next run learns it from the senders.
      await write().catch(() => undefined);
    },
  };
}
