/** The SQL of a query as a text to look at. */

import { compileSql } from "#foundation/sql.ts";

import { compileQuery, type QueryContext } from "./compile-query.ts";
import type { QueryDef } from "./query-def.ts";
import type { QueryOptions } from "./query-options.ts";

/**
 * The statement that `runQuery` would run, with values as literals. It is for people: it is never run itself.
 * @throws as compileQuery
 */
export function describeSql(context: QueryContext, query: QueryDef, options: QueryOptions = {}): string {
  const { text, values } = compileSql(compileQuery(context, query, options).sql);
  return text.replace(/\$(\d+)/g, (_, place: string) => literal(values[Number(place) - 1]));
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (value instanceof Date) return `'${value.toISOString()}'`;
  if (Array.isArray(value)) return `array[${value.map(literal).join(", ")}]`;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return `'${text.replaceAll("'", "''")}'`;
}
