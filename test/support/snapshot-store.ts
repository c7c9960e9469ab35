/** What every table holds, so that a test can say that nothing has changed. */

import type { Statements } from "#foundation/database.ts";
import { sql } from "#foundation/sql.ts";

/**
 * Count and digest of the rows of every table.
 * @param without tables that change with every call, such as sessions
 */
export async function snapshotOf(
  db: Statements,
  without: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const tables = await db.rows((row) => (row as { name: string }).name)`
    select c.relname as name from pg_class as c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname <> all(${without}::text[])
     order by 1`;
  const parts = tables.map(
    (
      name,
    ) => sql`select ${name}::text as name, count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as state
      from ${sql.table(name)} as t`,
  );
  const states = await db.rows(
    (row) => row as { name: string; state: string },
  )`${sql.join(parts, sql.raw(" union all "))}`;
  return Object.fromEntries(states.map(({ name, state }) => [name, state]));
}
