/** Runs a query for a viewer. */

import type { Database, Statements } from "#foundation/database.ts";
import { schemaId } from "#schemas/schema.ts";

import type { DataContext } from "../viewer.ts";

import { compileQuery, type CompiledQuery } from "./compile-query.ts";
import { noRow } from "./errors.ts";
import { explainQueryError } from "./explain-query-error.ts";
import { readCount, readRows } from "./query-def-store.ts";
import type { QueryDef, QueryResult } from "./query-def.ts";
import type { QueryOptions } from "./query-options.ts";
import { readRow } from "./read-row.ts";

/**
 * Answers a query: what the viewer may not see is as if it were not there.
 * @throws expressionSyntax, expressionMeaning, expressionTooLarge, unknownSchema, queryInvalid, queryNotComputable,
 * queryTooSlow, noRow for a `get` that finds none
 */
export async function runQuery(
  context: DataContext,
  query: QueryDef,
  options: QueryOptions = {},
): Promise<QueryResult> {
  const compiled = compileQuery(context, query, options);
  const { schema } = compiled;
  const result = await explainQueryError({ schema: schemaId(schema), timeoutMs: options.timeoutMs }, () =>
    options.timeoutMs === undefined || !isDatabase(context.db)
      ? answer(context.db, compiled)
      : context.db.reading(options.timeoutMs, (tx) => answer(tx, compiled)),
  );
  if (query.operation === "get" && result.kind === "rows" && result.rows.length === 0)
    throw noRow({ schema: schemaId(schema) });
  return result;
}

async function answer(db: Statements, compiled: CompiledQuery): Promise<QueryResult> {
  const { schema } = compiled;
  if (compiled.kind === "count") return { kind: "count", schema, count: await readCount(db, compiled.sql) };
  const rows = await readRows(db, compiled.sql);
  const missing = compiled.limit - rows.length;
  if (compiled.rest !== undefined && missing > 0) rows.push(...(await readRows(db, compiled.rest(missing))));
  const position = readPosition(rows.at(-1), compiled.positions);
  return {
    kind: "rows",
    schema,
    columns: compiled.outputs.flatMap(({ values }) => values.map(({ column }) => column)),
    rows: rows.map((row) => readRow(compiled.outputs, row)),
    ...(position === undefined ? {} : { position }),
  };
}

function readPosition(row: unknown, count: number): (string | null)[] | undefined {
  if (row === undefined || count === 0) return undefined;
  const columns = row as Readonly<Record<string, string | null>>;
  return Array.from({ length: count }, (_, index) => columns[`p${index + 1}`] ?? null);
}

function isDatabase(db: Statements): db is Database {
  return "reading" in db;
}
