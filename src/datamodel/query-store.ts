/** Runs queries that were compiled from expressions. */

import type { Statements } from "#foundation/database.ts";

import type { Sql } from "./expression/compile-sql.ts";

/** The keys that a compiled query selects, in their order. */
export function readKeys(db: Statements, query: Sql): Promise<number[]> {
  return db.rows((row) => (row as { key: number }).key)`select key from (${query}) as q order by key`;
}

/** How many rows a compiled query selects. */
export async function countKeys(db: Statements, query: Sql): Promise<number> {
  return (
    (await db.first((row) => (row as { count: number }).count)`select count(*) as count from (${query}) as q`) ?? 0
  );
}
