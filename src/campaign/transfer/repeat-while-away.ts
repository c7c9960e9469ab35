/** Starts work again that the database did not let finish. */

import { pause } from "#foundation/clock.ts";
import { describeError } from "#foundation/errors.ts";
import type { Context } from "#foundation/module.ts";
import { awayPause } from "#foundation/repeat.ts";

import { mayStartAgain } from "./may-start-again.ts";

type Options = {
  /** How long after the first failure another try is made. */
  readonly retryForMs: number;
  readonly signal: AbortSignal;
};

/** Runs work that changes nothing unless it ends well, from its beginning, until the database lets it. */
export async function repeatWhileAway<T>(
  context: Pick<Context, "log" | "clock">,
  { retryForMs, signal }: Options,
  work: () => Promise<T>,
): Promise<T> {
  let firstFailureMs: number | undefined;
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      const nowMs = context.clock.elapsedMs();
      firstFailureMs ??= nowMs;
      if (signal.aborted || !mayStartAgain(error) || nowMs - firstFailureMs >= retryForMs) throw error;
      context.log.warning("job.starts_again", { failures, reason: describeError(error) });
      await pause(awayPause(failures), signal);
    }
  }
}
