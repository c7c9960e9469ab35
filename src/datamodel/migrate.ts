/** Brings a database to this version: the numbered files of `database/migrations`, each in one transaction, forward only. */

import { Kysely, PostgresDialect, sql } from "kysely";
import { Migrator } from "kysely/migration";
import pg from "pg";

import { connectionConfig, type DatabaseAddress } from "#foundation/database.ts";
import { databaseIsNewer, migrationFailed } from "#foundation/database-errors.ts";

import { listMigrations, type Migration } from "./list-migrations.ts";

/**
 * Runs the migrations that are missing; two processes at once take turns.
 * @returns the names of the migrations that ran
 * @throws databaseIsNewer before touching anything, migrationFailed after undoing the failed one
 */
export async function migrate(
  address: DatabaseAddress,
  migrations: readonly Migration[] = listMigrations(),
): Promise<string[]> {
  const pool = new pg.Pool({ ...connectionConfig(address), max: 2, application_name: "postrider-migrate" });
  pool.on("error", () => undefined);
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    await refuseNewer(db, migrations);
    const migrator = new Migrator({
      db,
      migrationTableName: "xtk_migration",
      migrationLockTableName: "xtk_migration_lock",
      provider: {
        getMigrations: () =>
          Promise.resolve(
            Object.fromEntries(
              migrations.map(({ name, text }) => [
                name,
                {
                  up: async (database: Kysely<unknown>): Promise<void> => {
                    await sql.raw(text).execute(database);
                  },
                },
              ]),
            ),
          ),
      },
    });
    const { error, results = [] } = await migrator.migrateToLatest();
    const failed = results.find((result) => result.status === "Error");
    if (error !== undefined) throw migrationFailed({ migration: failed?.migrationName ?? "(none)" }, { cause: error });
    return results.map((result) => result.migrationName);
  } finally {
    await db.destroy();
  }
}

async function refuseNewer(db: Kysely<unknown>, migrations: readonly Migration[]): Promise<void> {
  const table = await sql<{ found: boolean }>`select to_regclass('xtk_migration') is not null as found`.execute(db);
  if (table.rows[0]?.found !== true) return;
  const applied = await sql<{ name: string }>`select name from xtk_migration order by name`.execute(db);
  const known = new Set(migrations.map(({ name }) => name));
  const unknown = applied.rows.find((row) => !known.has(row.name));
  if (unknown !== undefined) throw databaseIsNewer({ unknown: unknown.name });
}
