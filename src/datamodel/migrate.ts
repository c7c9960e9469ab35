/** Brings a database to this version: the numbered files of `database/migrations`, each in one transaction, forward only. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Kysely, PostgresDialect, sql } from "kysely";
import { Migrator } from "kysely/migration";
import pg from "pg";

import { connectionConfig, type DatabaseAddress, type Statements } from "#foundation/database.ts";
import { databaseIsNewer, databaseIsOlder, migrationFailed } from "#foundation/database-errors.ts";
import { programFolder } from "#foundation/home.ts";

const migrationsFolder = join(programFolder, "database", "migrations");

export type Migration = { readonly name: string; readonly text: string };

/** The migrations of this version, in order: `0001-main-path`, ... */
export function listMigrations(folder: string = migrationsFolder): Migration[] {
  return readdirSync(folder)
    .filter((file) => /^\d{4}-[a-z0-9-]+\.sql$/.test(file))
    .sort()
    .map((file) => ({ name: file.slice(0, -".sql".length), text: readFileSync(join(folder, file), "utf8") }));
}

/**
 * Runs the migrations that are missing; two processes at once take turns.
 * @returns the names of the migrations that ran
 * @throws databaseIsNewer before touching anything, migrationFailed after undoing the failed one
 */
export async function migrate(address: DatabaseAddress, migrations: readonly Migration[] = listMigrations()): Promise<string[]> {
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

/**
 * Says whether the database is at this version.
 * @throws databaseIsNewer, databaseIsOlder
 */
export async function checkVersion(db: Statements, instance: string, migrations: readonly Migration[] = listMigrations()): Promise<void> {
  const isThere = await db.first((row) => (row as { found: boolean }).found)`select to_regclass('xtk_migration') is not null as found`;
  const applied = isThere ? await db.rows((row) => (row as { name: string }).name)`select name from xtk_migration order by name` : [];
  const known = new Set(migrations.map(({ name }) => name));
  const unknown = applied.find((name) => !known.has(name));
  if (unknown !== undefined) throw databaseIsNewer({ unknown });
  const missing = [...known].filter((name) => !applied.includes(name));
  if (missing.length > 0) throw databaseIsOlder({ missing, instance });
}

async function refuseNewer(db: Kysely<unknown>, migrations: readonly Migration[]): Promise<void> {
  const table = await sql<{ found: boolean }>`select to_regclass('xtk_migration') is not null as found`.execute(db);
  if (table.rows[0]?.found !== true) return;
  const applied = await sql<{ name: string }>`select name from xtk_migration order by name`.execute(db);
  const known = new Set(migrations.map(({ name }) => name));
  const unknown = applied.rows.find((row) => !known.has(row.name));
  if (unknown !== undefined) throw databaseIsNewer({ unknown: unknown.name });
}
