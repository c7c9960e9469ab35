/** Waits for a condition instead of a time. */

import { setTimeout as sleep } from "node:timers/promises";

/**
 * Resolves with the first answer that is neither false nor undefined.
 * @param what completes "waited in vain for ..." when the limit is reached
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string,
  { limitMs = 20_000, stepMs = 15 }: { limitMs?: number; stepMs?: number } = {},
): Promise<Exclude<T, false | undefined>> {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await condition();
    if (answer !== false && answer !== undefined) return answer as Exclude<T, false | undefined>;
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
    await sleep(stepMs);
  }
}
