/** Reads MX rules and warm-ups: at the start, at a time of each day, and when asked. */

import type { Context } from "#foundation/module.ts";
import { repeat } from "#foundation/repeat.ts";

import { listMxRules } from "./quotas/mx-rule-store.ts";
import type { QuotaBook } from "./quotas/quota-book.ts";
import { statSettings } from "./settings.ts";
import type { WarmUpBook } from "./warm-ups/warm-up-book.ts";
import { listWarmUps } from "./warm-ups/warm-up-store.ts";

export type Rules = { wake(): void; stop(): Promise<void> };

const lookEveryMs = 60_000;

/**
 * Begins to read; the clock is looked at every minute.
 * @param onFirst awaited after the first reading, before which nothing can be granted
 */
export function readRules(
  context: Context,
  { book, warmUps, onFirst }: { book: QuotaBook; warmUps: WarmUpBook; onFirst: () => Promise<void> },
): Rules {
  const { db, log, clock, settings } = context;
  const { reloadTime } = settings.of(statSettings);
  let isWanted = true;
  let isFirst = true;
  let readAt = clock.now();
  const loop = repeat({ log, event: "stat.rules", intervalMs: lookEveryMs }, async () => {
    if (!isWanted && !passed(reloadTime, readAt, clock.now())) return;
    isWanted = false;
    try {
      const rules = await listMxRules(db);
      const ramps = await listWarmUps(db);
      book.setRules(rules);
      warmUps.set(ramps);
      if (isFirst) await onFirst();
      isFirst = false;
      readAt = clock.now();
      log.info("stat.rules_read", { ...book.summary(), warmUps: ramps.length });
    } catch (error) {
      isWanted = true;
      throw error;
    }
  });
  return {
    wake: () => {
      isWanted = true;
      loop.wake();
    },
    stop: () => loop.stop(),
  };
}

/**
 * True when clocks of this host showed a time of day between two moments.
 * @param timeOfDay `06:00:00`
 */
export function passed(timeOfDay: string, from: Date, to: Date): boolean {
  const [hours = 0, minutes = 0, seconds = 0] = timeOfDay.split(":").map(Number);
  const moment = new Date(to);
  moment.setHours(hours, minutes, seconds, 0);
  if (moment > to) moment.setDate(moment.getDate() - 1);
  return moment > from && moment <= to;
}
