/** Statements that put a database into a state that a supervision journey needs. */

import type { Statements } from "#foundation/database.ts";

/** Makes the database look like one that someone uses already. */
export async function createForeignTable(db: Statements): Promise<void> {
  await db.run`create table somebody_elses (id bigint primary key)`;
}

/** Hosts that registered in an instance's database. */
export function listHosts(db: Statements): Promise<string[]> {
  return db.rows((row) => (row as { name: string }).name)`select name from xtk_host order by name`;
}
