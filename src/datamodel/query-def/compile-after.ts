/** Compiles "the rows that follow this one": paging that costs the same for every page. */

import { sql } from "#foundation/sql.ts";

import type { Sql } from "../expression/compile-sql.ts";

import type { OrderTerm } from "./compile-order.ts";
import type { Position } from "./query-def.ts";

export type After = {
  readonly condition: Sql;
  /**
   * Where the first value is missing lies the rest of the order, behind all that meet `condition`: rows of that part are to be
   * read when the others are too few. Apart, since one condition on both would serve no index.
   */
  readonly missing: Sql | undefined;
};

/** The rows that come after a position in an order; missing values come last, in a descending order first. */
export function compileAfter(terms: readonly OrderTerm[], position: Position): After {
  const { condition, missing } = compileUnguarded(terms, position);
  const guard = (one: Sql): Sql => terms.reduce((guarded, term) => term.guard(guarded), one);
  return { condition: guard(condition), missing: missing === undefined ? undefined : guard(missing) };
}

function compileUnguarded(terms: readonly OrderTerm[], position: Position): After {
  const [first, ...others] = terms;
  if (first === undefined) return { condition: sql`true`, missing: undefined };
  const isOneWay = others.every(({ isDescending }) => isDescending === first.isDescending);
  const isComplete = position.every((value) => value !== null);
  const isPlain = first.isDescending || others.every(({ isNullable }) => !isNullable);
  const missing =
    first.isNullable && !first.isDescending && position[0] !== null ? sql`${first.sql} is null` : undefined;
  if (isOneWay && isComplete && isPlain) return { condition: compareRows(terms, position), missing };
  const stepwise = compileStepwise(terms, position, missing === undefined);
  if (position[0] === null || position[0] === undefined) return { condition: stepwise, missing };
  const bound = sql`${first.sql} ${sql.raw(first.isDescending ? "<=" : ">=")} ${valueOf(first, position[0])}`;
  const isBounded = missing !== undefined || !first.isNullable || first.isDescending;
  return { condition: isBounded ? sql`(${bound} and ${stepwise})` : stepwise, missing };
}

/** An index on the same columns is entered where the position is. A missing value compares as unknown: its row is left out. */
function compareRows(terms: readonly OrderTerm[], position: Position): Sql {
  const operator = sql.raw(terms[0]?.isDescending === true ? "<" : ">");
  const values = terms.map((term, index) => valueOf(term, position[index] ?? null));
  return sql`((${sql.join(terms.map((term) => term.sql))}) ${operator} (${sql.join(values)}))`;
}

/** Either the first value is further on, or it is the same and the others are further on. */
function compileStepwise(terms: readonly OrderTerm[], position: Position, isWithMissing: boolean): Sql {
  const alternatives = terms.map((term, index) => {
    const same = terms.slice(0, index).map((before, at) => isSame(before, position[at] ?? null));
    const further = isFurther(term, position[index] ?? null, index > 0 || isWithMissing);
    return sql`(${sql.join([...same, further], sql` and `)})`;
  });
  return sql`(${sql.join(alternatives, sql` or `)})`;
}

function isSame(term: OrderTerm, value: string | null): Sql {
  return value === null ? sql`${term.sql} is null` : sql`${term.sql} = ${valueOf(term, value)}`;
}

function isFurther(term: OrderTerm, value: string | null, isWithMissing: boolean): Sql {
  if (value === null) return term.isDescending ? sql`${term.sql} is not null` : sql`false`;
  const further = sql`${term.sql} ${sql.raw(term.isDescending ? "<" : ">")} ${valueOf(term, value)}`;
  return !term.isDescending && term.isNullable && isWithMissing ? sql`(${further} or ${term.sql} is null)` : further;
}

function valueOf(term: OrderTerm, value: string | null): Sql {
  return sql`${value}::text::${sql.raw(term.type)}`;
}
