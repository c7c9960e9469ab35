/** Where those wait whose work the database did not take: longer and longer, and no longer once it is known to be back. */

import { pause } from "#foundation/clock.ts";
import { awayPause } from "#foundation/repeat.ts";

export type DatabaseWait = {
  /** Resolves after a pause that grows with the failures so far, once the database is back, or when the signal is aborted. */
  pause(failures: number, signal: AbortSignal): Promise<void>;
  /** The database is back: nobody waits any longer. */
  end(): void;
};

/** Nobody waits yet. */
export function openDatabaseWait(): DatabaseWait {
  let waiting = new AbortController();
  return {
    pause: (failures, signal) => pause(awayPause(failures), AbortSignal.any([signal, waiting.signal])),
    end: () => {
      const over = waiting;
      waiting = new AbortController();
      over.abort();
    },
  };
}
