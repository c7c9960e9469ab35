/** Compiles the rows behind a link as a list within each row of the query: one statement, however many rows there are. */

import { sql } from "#foundation/sql.ts";

import type { Sql } from "../expression/compile-sql.ts";

import { openLinked } from "./compile-conditions.ts";
import { compileRows } from "./compile-rows.ts";
import type { Output } from "./output.ts";
import type { SelectNode } from "./query-def.ts";
import { readRow } from "./read-row.ts";
import type { Scope } from "./scope.ts";

/**
 * Compiles a list of nested rows.
 * @param links that lead to them
 * @param place where the list stands in the answer
 * @param mostNested of the list of each row
 */
export function compileNested(
  scope: Scope,
  links: readonly string[],
  nested: NonNullable<SelectNode["nested"]>,
  place: string,
  mostNested: number,
): Output {
  const linked = openLinked(scope, links.join("/"));
  const rows = compileRows(
    linked.scope,
    nested,
    { limit: Math.min(nested.lineCount ?? mostNested, mostNested), isOrderComplete: true, mostNested },
    linked,
  );
  const list = scope.world.newAlias();
  const columns = rows.outputs.flatMap(({ values }) => values.map(({ column }) => column));
  return {
    sql: sql`(select coalesce(json_agg(${shownAsJson(list, rows.outputs)}), '[]'::json) from (${rows.sql}) as ${sql.id(list)})`,
    key: place,
    typed: undefined,
    isGroupedBy: false,
    values: [
      {
        column: { path: place, type: "json", nested: columns },
        read: (raw) => (Array.isArray(raw) ? raw.map((row) => readRow(rows.outputs, row)) : []),
      },
    ],
  };
}

/** JSON has no bytes: they go as base64. */
function shownAsJson(list: string, outputs: readonly Output[]): Sql {
  const isBinary = outputs.some(({ values: [first] }) => first?.column.type === "blob");
  if (!isBinary) return sql.id(list);
  const columns = outputs.map(({ values: [first] }, index) => {
    const column = sql.id(list, `c${index + 1}`);
    return first?.column.type === "blob"
      ? sql`replace(encode(${column}, 'base64'), E'\\n', '') as ${sql.raw(`c${index + 1}`)}`
      : sql`${column} as ${sql.raw(`c${index + 1}`)}`;
  });
  return sql`(select to_json(b) from (select ${sql.join(columns)}) as b)`;
}
