/** Writes the SMTP error statistics at the end of each period, and deletes those that are too old. */

import type { Database } from "#foundation/database.ts";
import type { Log } from "#foundation/log.ts";
import { repeat } from "#foundation/repeat.ts";

import type { ErrorRow, ErrorStatistics, Thresholds } from "./error-statistics.ts";
import { purgeErrorStatistics, writeErrorStatistics } from "./error-statistics-store.ts";

const lookEveryMs = 1_000;
const purgeEveryMs = 3_600_000;
const rowsPerStatement = 5_000;
/** A database that is away for long does not fill the memory. */
const mostPeriodsWaiting = 12;

/** Begins with the period under way; the last one is written when it stops. */
export function keepErrorStatistics(
  options: Thresholds & {
    readonly db: Database;
    readonly log: Log;
    readonly statistics: ErrorStatistics;
    readonly nowMs: () => number;
    readonly logEmailErrors: boolean;
    readonly errorPeriodSec: number;
    readonly days: number;
  },
): { stop(): Promise<void> } {
  const { db, log, statistics, nowMs } = options;
  const periodMs = options.errorPeriodSec * 1_000;
  const startOf = (ms: number): number => Math.floor(ms / periodMs) * periodMs;
  const waiting: { readonly startMs: number; readonly rows: readonly ErrorRow[] }[] = [];
  let startMs = startOf(nowMs());
  let purgeAtMs = nowMs() + purgeEveryMs / 60;

  const endPeriod = (): void => {
    const rows = statistics.take(options);
    if (options.logEmailErrors && rows.length > 0) waiting.push({ startMs, rows });
    if (waiting.length > mostPeriodsWaiting) waiting.shift();
    startMs = startOf(nowMs());
  };
  const write = async (): Promise<void> => {
    for (let period = waiting[0]; period !== undefined; period = waiting[0]) {
      const { startMs: ofMs, rows } = period;
      await db.transaction(async (tx) => {
        for (let from = 0; from < rows.length; from += rowsPerStatement)
          await writeErrorStatistics(tx, new Date(ofMs), rows.slice(from, from + rowsPerStatement));
      });
      waiting.shift();
    }
  };
  const loop = repeat({ log, event: "stat.error_statistics", intervalMs: lookEveryMs }, async () => {
    if (startOf(nowMs()) !== startMs) endPeriod();
    await write();
    if (nowMs() < purgeAtMs) return;
    purgeAtMs = nowMs() + purgeEveryMs;
    while ((await purgeErrorStatistics(db, options.days, rowsPerStatement)) === rowsPerStatement);
  });
  return {
    stop: async () => {
      await loop.stop();
      endPeriod();
      await write().catch(() => undefined);
    },
  };
}
