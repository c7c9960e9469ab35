/** How many events wait to become messages: what probes of the platform ask. */

import type { Statements } from "#foundation/database.ts";

import { countWaiting } from "./event-store.ts";

/** Beyond it nobody cares for the exact number, and counting would cost. */
const most = 1_000_000;

/** Events that wait, in both queues. */
export function countPendingEvents(db: Statements): Promise<number> {
  return countWaiting(db, most);
}
