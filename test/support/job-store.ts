/** Statements of tests on jobs. */

import type { Statements } from "#foundation/database.ts";

/** As if the processes that work at jobs had died a while ago. */
export function endLeases(db: Statements): Promise<number> {
  return db.run`update xtk_job set lease_until = now() - interval '1 minute' where lease_until is not null`;
}
