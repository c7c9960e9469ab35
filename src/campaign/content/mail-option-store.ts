/** Reads the options about senders, under Classic's names. */

import type { Statements } from "#foundation/database.ts";

/** The texts of these options; what is not set is not in it. */
export async function readMailOptions<const N extends string>(
  db: Statements,
  names: readonly N[],
): Promise<ReadonlyMap<N, string>> {
  const rows = await db.rows((row) => row as { name: N; value: string })`
    select name, coalesce(nullif(string_value, ''), memo_value, '') as value
      from xtk_option where name = any(${names}::text[])`;
  return new Map(rows.filter(({ value }) => value.trim() !== "").map(({ name, value }) => [name, value.trim()]));
}
