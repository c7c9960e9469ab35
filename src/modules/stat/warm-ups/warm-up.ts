/** How many messages a new address of ours may send on each day while providers get to know it. */

import { matchesMask } from "#foundation/matches-mask.ts";
import type { Path } from "#channels/permits/permit-messages.ts";

import { holdsPublicId } from "../quotas/mx-rule.ts";

export type WarmUp = {
  readonly id: number;
  /** Public ids it is for, such as `1,3-5`; empty = all. Each counts for itself. */
  readonly publicIds: string;
  /** Matched on the name of the mail exchanger. */
  readonly mask: string;
  /** The first day, as `2026-11-01`. */
  readonly startDate: string;
  readonly firstDayMessages: number;
  /** Each day allows so many times what the day before did. */
  readonly growthFactor: number;
  /** Allowances of the first days; where it is not empty, it stands instead of first day and factor. */
  readonly table: readonly number[];
  /** After so many days there is no limit any more. */
  readonly days: number;
};

/** True when messages on a path count for a warm-up. */
export function warms(warmUp: WarmUp, path: Path): boolean {
  return matchesMask(warmUp.mask, path.host) && holdsPublicId(warmUp.publicIds, path.publicId);
}

/**
 * The day of a warm-up, from 1.
 * @param today as `2026-11-03`
 * @returns undefined before the first day and after the last
 */
export function dayOfWarmUp({ startDate, days, table }: WarmUp, today: string): number | undefined {
  const day = Math.round((Date.parse(`${today}T00:00:00Z`) - Date.parse(`${startDate}T00:00:00Z`)) / 86_400_000) + 1;
  const last = table.length > 0 ? table.length : days;
  return day >= 1 && day <= last ? day : undefined;
}

/** Messages allowed on a day, from 1: 50, 75, 113 for a first day of 50 and a factor of 1.5. */
export function allowanceOf({ firstDayMessages, growthFactor, table }: WarmUp, day: number): number {
  return table[day - 1] ?? Math.min(Number.MAX_SAFE_INTEGER, Math.round(firstDayMessages * growthFactor ** (day - 1)));
}
