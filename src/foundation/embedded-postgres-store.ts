/** Statements on the maintenance database of an embedded server. */

import { sql } from "./sql.ts";

import type { Database } from "./database.ts";

/** Creates a database unless there is one of that name. */
export async function createDatabaseIfMissing(db: Database, name: string): Promise<void> {
  const isThere = await db.first(() => true)`select 1 from pg_database where datname = ${name}`;
  if (isThere === undefined) await db.run`create database ${sql.id(name)}`;
}
