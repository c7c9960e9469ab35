/** Says whether a database is at this version, before anyone works with it. */

import type { Statements } from "#foundation/database.ts";
import { databaseIsNewer, databaseIsOlder } from "#foundation/database-errors.ts";

import { listMigrations, type Migration } from "./list-migrations.ts";

/**
 * Compares the migrations that ran with the ones we know.
 * @throws databaseIsNewer, databaseIsOlder
 */
export async function checkVersion(
  db: Statements,
  instance: string,
  migrations: readonly Migration[] = listMigrations(),
): Promise<void> {
  const isThere = await db.first(
    (row) => (row as { found: boolean }).found,
  )`select to_regclass('xtk_migration') is not null as found`;
  const applied = isThere
    ? await db.rows((row) => (row as { name: string }).name)`select name from xtk_migration order by name`
    : [];
  const known = new Set(migrations.map(({ name }) => name));
  const unknown = applied.find((name) => !known.has(name));
  if (unknown !== undefined) throw databaseIsNewer({ unknown });
  const missing = [...known].filter((name) => !applied.includes(name));
  if (missing.length > 0) throw databaseIsOlder({ missing, instance });
}
