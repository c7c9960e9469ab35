/** Waits for events from outside: `wfserver` puts each to the task that waits here, and completes it with the last. */

import type { Outcome } from "../activity.ts";

/** Looked at each month: longer than a timer can hold gains nothing. */
const delayMs = 30 * 86_400_000;

/** Comes back later, again and again: only an event ends the wait, not whoever wakes the workflow. */
export function runSignal(): Promise<Outcome> {
  return Promise.resolve({ kind: "postponed", delayMs });
}
