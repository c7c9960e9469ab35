/** Compiles a query to one statement. */

import { sql } from "#foundation/sql.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";
import { type Schema, schemaId } from "#schemas/schema.ts";

import type { Sql } from "../expression/compile-sql.ts";
import type { Viewer } from "../viewer.ts";

import { compileConditions } from "./compile-conditions.ts";
import { compileRows, type CompiledRows } from "./compile-rows.ts";
import { queryInvalid } from "./errors.ts";
import type { QueryDef, SelectNode } from "./query-def.ts";
import type { QueryOptions } from "./query-options.ts";
import { findReadable, fromClause, openScope, openWorld, type QueryWorld, readRights } from "./scope.ts";

export type CompiledQuery =
  | (CompiledRows & { readonly kind: "rows"; readonly schema: Schema; readonly limit: number })
  | { readonly kind: "count"; readonly schema: Schema; readonly sql: Sql };

/** Whose query it is, over which schemas. */
export type QueryContext = { readonly schemas: SchemaSet; readonly viewer: Viewer };

const defaults = { defaultLineCount: 10_000, mostLines: 1_000_000 };

/**
 * Compiles a query, with the viewer's rights in every place where a table is read.
 * @throws expressionSyntax, expressionMeaning, expressionTooLarge, unknownSchema, queryInvalid
 */
export function compileQuery(context: QueryContext, query: QueryDef, options: QueryOptions = {}): CompiledQuery {
  const world = openWorld(context.schemas, context.viewer, options.parameters);
  const schema = findReadable(world, query.schema);
  if (query.operation === "count") return { kind: "count", schema, sql: compileCount(world, schema, query) };
  const limit = limitOf(schema, query, options);
  const rows = compileRows(
    openScope(world, { schema, alias: "t" }),
    { ...query, select: options.hasComputeString === true ? [...query.select, computeStringNode] : query.select },
    {
      limit,
      offset: whole(schema, "startLine", query.startLine),
      isOrderComplete: isPaged(query, options),
      after: options.after,
      withPosition: options.withPosition === true,
      mostNested: options.defaultLineCount ?? defaults.defaultLineCount,
    },
  );
  return { ...rows, kind: "rows", schema, limit };
}

const computeStringNode: SelectNode = { expr: "@_cs" };

/** Pages of a query must not overlap; a query that is not read in pages is left in the order that costs least. */
function isPaged(query: QueryDef, options: QueryOptions): boolean {
  if (query.operation !== "select") return false;
  return (
    query.lineCount !== undefined ||
    query.startLine !== undefined ||
    options.after !== undefined ||
    options.withPosition === true
  );
}

function limitOf(schema: Schema, query: QueryDef, options: QueryOptions): number {
  if (query.operation !== "select") return 1;
  const most = options.mostLines ?? defaults.mostLines;
  const wanted = whole(schema, "lineCount", query.lineCount);
  return Math.min(wanted ?? options.defaultLineCount ?? defaults.defaultLineCount, most);
}

function whole(schema: Schema, name: string, value: number | undefined): number | undefined {
  if (value !== undefined && (!Number.isSafeInteger(value) || value < 0))
    throw queryInvalid({ schema: schemaId(schema), problem: `${name} is no whole number from 0` });
  return value;
}

/** Counts what `select` would answer without a limit. What only the selected values need is not joined. */
function compileCount(world: QueryWorld, schema: Schema, query: QueryDef): Sql {
  if (query.select.length > 0 || query.groupBy !== undefined || query.having !== undefined) {
    const scope = openScope(world, { schema, alias: "t" });
    const select = query.select.length > 0 ? query.select : [{ expr: `[@${schema.keys[0].attributes[0] ?? ""}]` }];
    const rows = compileRows(scope, { ...query, select, orderBy: [] }, { isOrderComplete: false, mostNested: 0 });
    const isOneByOne = !rows.isGrouped && !rows.isDistinct && scope.joins.multiplying().length === 0;
    if (!isOneByOne) return sql`select count(*) as count from (${rows.sql}) as counted`;
  }
  const scope = openScope(world, { schema, alias: "t" });
  const conditions = [
    readRights(world, scope),
    compileConditions(scope, query.where ?? [], { aggregates: "refused" }),
  ].filter((one) => one !== undefined);
  return sql`select count(*) as count from ${fromClause(scope)}${
    conditions.length === 0 ? sql`` : sql` where ${sql.join(conditions, sql` and `)}`
  }`;
}
