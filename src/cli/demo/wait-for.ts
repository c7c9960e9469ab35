/** Waits for the platform to have done something, and says what it waited for when it does not happen. */

import { pause } from "#foundation/clock.ts";

import { stepFailed } from "./errors.ts";

/**
 * Asks again and again until the answer is there.
 * @throws stepFailed after the limit
 */
export async function waitFor<T>(step: string, limitMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > end)
      throw stepFailed({ step, reason: `nothing after ${Math.round(limitMs / 1000)} s; see the logs in var/` });
    await pause(100);
  }
}
