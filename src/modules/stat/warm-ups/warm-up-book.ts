/** Counts what each warming address of ours sent today. */

import { type Path, sliceMs } from "#channels/permits/permit-messages.ts";
import { forgetOldest } from "#foundation/forget-oldest.ts";

import { sliceOf } from "../quotas/slice-quota.ts";
import { allowanceOf, dayOfWarmUp, type WarmUp, warms } from "./warm-up.ts";

export type WarmUpBook = {
  /** Replaces the ramps; what was sent stays counted. */
  set(warmUps: readonly WarmUp[]): void;
  /** Tokens were spent on a path in a slice, or came back. */
  add(path: Path, slice: number, tokens: number): void;
  /** What was set aside before a restart, as part of what was sent; less once senders have said what they used of it. */
  addSetAside(path: Path, slice: number, tokens: number): void;
  /** What is to be written of a path in a slice changed: with what may be granted without a further writing. */
  keep(path: Path, slice: number, tokens: number): void;
  /** The tightest ramp of a path; undefined when none holds today. */
  leave(path: Path): WarmUpLeave | undefined;
  restore(rows: readonly WarmUpDay[]): void;
  /** What changed since the last time. */
  takeChanges(): readonly WarmUpDay[];
};

/** What a ramp leaves on a day of it, from 1. */
export type WarmUpLeave = {
  readonly day: number;
  /** With what was set aside. */
  readonly sent: number;
  readonly setAside: number;
  readonly limit: number;
  readonly left: number;
  readonly retryMs: number;
};

/** Messages of one public id under one ramp on one day, such as `2026-11-03`. */
export type WarmUpDay = {
  readonly warmUpId: number;
  readonly publicId: number;
  readonly day: string;
  readonly messages: number;
  /** Messages, of those, that were not granted yet, or not as far as is known. */
  readonly setAside: number;
};

type Day = {
  readonly warmUpId: number;
  readonly publicId: number;
  readonly day: string;
  messages: number;
  /** What is to be written of them. */
  written: number;
  /** Of the messages. */
  setAside: number;
};

const nothing = { messages: 0, setAside: 0 };
/** Tokens that were granted may come back: it is worth asking again before midnight. */
const longestRetryMs = 300_000;
const mostDays = 10_000;

/**
 * Opens a book without ramps.
 * @param dayOf the day of a moment, in the time zone of the instance
 */
export function openWarmUpBook(nowMs: () => number, dayOf: (ms: number) => string): WarmUpBook {
  const days = new Map<string, Day>();
  const changed = new Set<string>();
  let warmUps: readonly WarmUp[] = [];
  let today = { slice: Number.NaN, day: "" };
  /** Slices begin at whole quarters of an hour and between: none spans a midnight of any time zone. */
  const dayOfSlice = (slice: number): string => {
    if (slice !== today.slice) today = { slice, day: dayOf(slice * sliceMs) };
    return today.day;
  };
  const keyOf = (warmUpId: number, publicId: number, day: string): string => `${warmUpId}|${publicId}|${day}`;

  /** Adds to what was sent, or to what is to be written of it. */
  const count = (path: Path, slice: number, which: "messages" | "written" | "setAside", tokens: number): void => {
    for (const warmUp of warmUps) {
      if (!warms(warmUp, path)) continue;
      const day = dayOfSlice(slice);
      const key = keyOf(warmUp.id, path.publicId, day);
      const { publicId } = path;
      const entry = days.get(key) ?? { warmUpId: warmUp.id, publicId, day, messages: 0, written: 0, setAside: 0 };
      entry[which] = Math.max(0, entry[which] + tokens);
      days.set(key, entry);
      changed.add(key);
      forgetOldest(days, mostDays);
    }
  };

  return {
    set: (given) => {
      warmUps = given;
    },
    add: (path, slice, tokens) => count(path, slice, "messages", tokens),
    addSetAside: (path, slice, tokens) => count(path, slice, "setAside", tokens),
    keep: (path, slice, tokens) => {
      if (tokens !== 0) count(path, slice, "written", tokens);
    },
    leave: (path) => {
      let tightest: WarmUpLeave | undefined;
      for (const warmUp of warmUps) {
        if (!warms(warmUp, path)) continue;
        const day = dayOfSlice(sliceOf(nowMs()));
        const number = dayOfWarmUp(warmUp, day);
        if (number === undefined) continue;
        const limit = allowanceOf(warmUp, number);
        const { messages: sent, setAside } = days.get(keyOf(warmUp.id, path.publicId, day)) ?? nothing;
        if (tightest !== undefined && tightest.left <= limit - sent) continue;
        tightest = { day: number, sent, setAside, limit, left: limit - sent, retryMs: longestRetryMs };
      }
      return tightest;
    },
    restore: (rows) => {
      for (const row of rows) days.set(keyOf(row.warmUpId, row.publicId, row.day), { ...row, written: row.messages });
    },
    takeChanges: () => {
      const rows = [...changed].flatMap((key) => days.get(key) ?? []);
      changed.clear();
      return rows.map(({ warmUpId, publicId, day, messages, written, setAside }) => ({
        warmUpId,
        publicId,
        day,
        messages: Math.max(messages, written),
        setAside: setAside + Math.max(0, written - messages),
      }));
    },
  };
}
