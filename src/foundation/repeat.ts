/** Does a piece of work again and again, surviving a database that is away. */

import { pause } from "./clock.ts";
import { isDatabaseAway } from "./database-errors.ts";
import { describeError } from "./errors.ts";
import type { Log } from "./log.ts";

export type Loop = {
  /** Ends the loop after the round under way; safe to call twice. */
  stop(): Promise<void>;
  /** Starts the next round now instead of at the end of the pause. */
  wake(): void;
};

const woken = "woken";

type Options = {
  readonly log: Log;
  /** Names the loop in log lines, such as `tracking.round`. */
  readonly event: string;
  /** Pause between rounds; a round that answers `again` is followed by the next at once. */
  readonly intervalMs: number;
};

/**
 * Runs rounds until stopped. A round that throws is logged and tried again: with the database away after a pause
 * that doubles from 0.2 s to 30 s with jitter, after other errors at the usual interval.
 */
export function repeat(options: Options, round: (signal: AbortSignal) => Promise<"again" | void>): Loop {
  const ending = new AbortController();
  let waking = new AbortController();
  let failures = 0;

  const run = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      let waitMs = options.intervalMs;
      try {
        const answer = await round(ending.signal);
        if (failures > 0) options.log.info(`${options.event}_recovered`, { failures });
        failures = 0;
        if (answer === "again") waitMs = 0;
      } catch (error) {
        failures += 1;
        waitMs = isDatabaseAway(error) ? awayPause(failures) : options.intervalMs;
        report(options, error, failures);
      }
      if (waitMs > 0 && !ending.signal.aborted) {
        await pause(waitMs, AbortSignal.any([ending.signal, waking.signal]));
        waking = new AbortController();
      }
    }
  };

  const finished = run();
  return {
    stop: () => {
      ending.abort();
      return finished;
    },
    // With a reason of ours: else one is made each time, with the stack.
    wake: () => waking.abort(woken),
  };
}

/**
 * Pause before the next try while the database is away.
 * @param failures tries that failed so far, from 1
 * @returns milliseconds, doubling from 200 to 30,000, of which half is chance
 */
export function awayPause(failures: number): number {
  const ceiling = Math.min(30_000, 200 * 2 ** (failures - 1));
  return ceiling / 2 + Math.random() * (ceiling / 2);
}

function report(options: Options, error: unknown, failures: number): void {
  const isAway = isDatabaseAway(error);
  // The first failure and each tenth: a database that is away for an hour must not fill the log.
  if (isAway && failures % 10 !== 1) return;
  const fields = { failures, reason: describeError(error) };
  if (isAway) options.log.warning(`${options.event}_database_away`, fields);
  else
    options.log.error(`${options.event}_failed`, {
      ...fields,
      stack: error instanceof Error ? error.stack : undefined,
    });
}
