/** Statements that make and drop the databases of tests. */

import { sql } from "#foundation/sql.ts";

import type { Database } from "#foundation/database.ts";

/** Makes a database that is a copy of another. */
export async function copyDatabase(db: Database, name: string, template: string): Promise<void> {
  await db.run`create database ${sql.id(name)} template ${sql.id(template)}`;
}

/** Makes an empty database. */
export async function createEmptyDatabase(db: Database, name: string): Promise<void> {
  await db.run`create database ${sql.id(name)}`;
}

/** Drops a database, cutting whoever is still connected. */
export async function dropDatabase(db: Database, name: string): Promise<void> {
  await db.run`drop database if exists ${sql.id(name)} with (force)`;
}

/** Has the server stop once its last session has ended; until then it lets no other in (a smart shutdown). */
export async function stopPolitely(db: Database): Promise<void> {
  await db.run`copy (select 1) to program 'kill -TERM $(head -n 1 postmaster.pid)'`;
}
