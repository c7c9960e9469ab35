/** Writes a SELECT from its parts. */

import { sql } from "#foundation/sql.ts";

import type { Sql } from "../expression/compile-sql.ts";

import type { OrderTerm } from "./compile-order.ts";

export type SelectParts = {
  readonly isDistinct: boolean;
  readonly columns: readonly Sql[];
  readonly from: Sql;
  /** All hold; those that are undefined are not there. */
  readonly conditions: readonly (Sql | undefined)[];
  readonly groups: readonly Sql[];
  readonly having: Sql | undefined;
  readonly order: readonly OrderTerm[];
  readonly limit: number | undefined;
  readonly offset: number | undefined;
};

/** `select ... from ... where ... group by ... having ... order by ... limit ... offset ...` */
export function writeSelect({ isDistinct, columns, from, groups, having, order, limit, ...more }: SelectParts): Sql {
  const conditions = more.conditions.filter((condition) => condition !== undefined);
  const terms = order.map((term) => (term.isDescending ? sql`${term.sql} desc` : term.sql));
  const offset = more.offset === 0 ? undefined : more.offset;
  const clauses = [
    sql`select ${isDistinct ? sql`distinct ` : sql``}${sql.join(columns)} from ${from}`,
    ...(conditions.length === 0 ? [] : [sql`where ${sql.join(conditions, sql` and `)}`]),
    ...(groups.length === 0 ? [] : [sql`group by ${sql.join(groups)}`]),
    ...(having === undefined ? [] : [sql`having ${having}`]),
    ...(terms.length === 0 ? [] : [sql`order by ${sql.join(terms)}`]),
    ...(limit === undefined ? [] : [sql`limit ${limit}::bigint`]),
    ...(offset === undefined ? [] : [sql`offset ${offset}::bigint`]),
  ];
  return sql.join(clauses, sql` `);
}
