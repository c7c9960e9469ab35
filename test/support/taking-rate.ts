/** How fast servers take messages, seen from their side; they set the pace, not the machine that the test runs on. */

import { until } from "./until.ts";

export type TakingRate = {
  /** A message was taken. */
  note(): void;
  readonly taken: number;
  /** The most that were taken in any second. */
  readonly most: number;
  /** Messages a second, of the last second; those before a moment of `performance.now()` do not count. */
  since(fromMs: number): number;
  /** Resolves when four fifths of a rate are reached again; answers how long that took. */
  untilBack(perSecond: number, fromMs: number): Promise<number>;
};

const windowMs = 1_000;

/** Counts from now on. */
export function openTakingRate(): TakingRate {
  const moments: number[] = [];
  const since = (fromMs: number): number => {
    const earliestMs = Math.max(fromMs, performance.now() - windowMs);
    return moments.filter((ms) => ms >= earliestMs).length / (windowMs / 1_000);
  };
  return {
    note: () => void moments.push(performance.now()),
    get taken() {
      return moments.length;
    },
    get most() {
      let first = 0;
      let most = 0;
      for (const [index, ms] of moments.entries()) {
        while ((moments[first] ?? ms) < ms - windowMs) first += 1;
        most = Math.max(most, index - first + 1);
      }
      return most / (windowMs / 1_000);
    },
    since,
    untilBack: async (perSecond, fromMs) => {
      await until(() => since(fromMs) >= 0.8 * perSecond, "the rate as it was", { limitMs: 120_000, stepMs: 50 });
      return performance.now() - fromMs;
    },
  };
}
