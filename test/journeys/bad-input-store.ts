/** Statements of the journey through bad input. */

import type { Statements } from "#foundation/database.ts";

/** Makes the database look as if a later version had changed it. */
export async function addUnknownMigration(db: Statements, name: string): Promise<void> {
  await db.run`insert into xtk_migration (name, timestamp) values (${name}, now()::text)`;
}

/** How many recipients there are. */
export function countRecipients(db: Statements): Promise<number | undefined> {
  return db.first((row) => (row as { n: number }).n)`select count(*)::int as n from nms_recipient`;
}
