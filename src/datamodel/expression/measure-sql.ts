/** Measures compiled SQL before it is written out: functions that name an operand twice can make much of little. */

import type { SqlFragment } from "#foundation/sql.ts";

const measured = new WeakMap<SqlFragment, number>();

/** How many pieces of text and parameters a fragment is written as. Fragments that occur in several places count in each. */
export function measureSql(fragment: SqlFragment): number {
  const known = measured.get(fragment);
  if (known !== undefined) return known;
  let pieces = 1;
  for (const value of fragment.values) pieces += isFragment(value) ? measureSql(value) : 1;
  measured.set(fragment, pieces);
  return pieces;
}

function isFragment(value: unknown): value is SqlFragment {
  return typeof value === "object" && value !== null && "texts" in value && "values" in value;
}
