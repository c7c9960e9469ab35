/** Keeps in the database what the next run of stat must know: what was spent or may be, by whom, and the days of warm-ups. */

import { slicesPerHour } from "#channels/permits/permit-messages.ts";
import type { Database } from "#foundation/database.ts";
import type { Log } from "#foundation/log.ts";
import { repeat } from "#foundation/repeat.ts";

import { seatTaken } from "./errors.ts";
import { keepSeat } from "./holder/holder-store.ts";
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
  /** The run that grants: once another one does, nothing is written any more. */
  readonly holder: string;
};

export type KeptState = {
  /** True once it is written that a sender is there, so that the next run waits for it; begins to write it otherwise. */
  knows(sender: string): boolean;
  forget(sender: string): void;
  /** True once all that was counted or wanted up to now is written; false when the database has not taken it for a while. */
  written(limitMs: number): Promise<boolean>;
  stop(): Promise<void>;
};

/** A sender that asked and got nothing is no sender any more. */
const candidateMs = 60_000;
/** What is written now is enough for what is granted until then; who wants more wakes it. */
const writeEveryMs = 1_000;
/** A connection that is silent is given up. */
const longestWriteMs = 5_000;
const oneDayMs = 86_400_000;

/**
 * Takes in what the run before wrote.
 * @returns the senders that held something then
 */
export async function readState({ db, book, warmUps, nowMs }: Omit<Tools, "holder">): Promise<readonly string[]> {
  const senders = await listSenders(db);
  // A day before today in any time zone: the ramp looks at its own day.
  warmUps.restore(await listWarmUpDays(db, new Date(nowMs() - 2 * oneDayMs).toISOString().slice(0, 10)));
  book.restore(await listSpent(db, sliceOf(nowMs()) - slicesPerHour));
  return senders;
}

/** Writes what changed, every second and at the end, in one transaction of a few statements. */
export function keepState(tools: Tools): KeptState {
  const { db, log, book, warmUps, nowMs, holder } = tools;
  let writtenSenders = "";
  let purgedSlice = 0;
  let known = new Set<string>();
  const candidates = new Map<string, number>();
  /** Those who wait for what was counted before they asked. */
  let waiting: ((isWritten: boolean) => void)[] = [];
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
    for (const resolve of served) resolve(true);
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
      if (!(await keepSeat(tx, holder))) throw seatTaken();
      if (spent.size > 0) await writeSpent(tx, [...spent.values()]);
      if (days.size > 0) await writeWarmUpDays(tx, [...days.values()]);
      if (sendersKey !== writtenSenders) await writeSenders(tx, senders);
      if (slice !== purgedSlice) await deleteOldSpent(tx, slice - slicesPerHour);
    }, longestWriteMs);
    book.confirmChanges();
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
      candidates.set(sender, nowMs());
      return false;
    },
    forget: (sender) => void candidates.delete(sender),
    written: (limitMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => resolve(false), limitMs);
        waiting.push((isWritten) => {
          clearTimeout(timer);
          resolve(isWritten);
        });
        loop.wake();
      }),
    stop: async () => {
      await loop.stop();
      // Without the database the next run learns it from the senders.
      await write().catch(() => undefined);
      for (const resolve of waiting) resolve(false);
    },
  };
}
