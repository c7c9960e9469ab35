/** Runs compiled queries. */

import type { Statements } from "#foundation/database.ts";

import type { Sql } from "../expression/compile-sql.ts";

/** The rows of a compiled query, as the driver gives them. */
export function readRows(db: Statements, query: Sql): Promise<unknown[]> {
  return db.rows((row) => row)`${query}`;
}

/** The number that a compiled count answers. */
export async function readCount(db: Statements, query: Sql): Promise<number> {
  return (await db.first((row) => (row as { count: number }).count)`${query}`) ?? 0;
}
