/** The statement that asks the database whether it is there. */

import type { Statements } from "#foundation/database.ts";

/** Resolves when the database answers. */
export async function probeDatabase(db: Statements): Promise<void> {
  await db.run`select 1`;
}
