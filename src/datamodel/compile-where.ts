/** Compiles a condition of the expression language to SQL fragments that any query over the schema's table can take in. */

import { sql } from "#foundation/sql.ts";

import { builtInSchemas, type SchemaSet } from "#schemas/schema-set.ts";
import type { Schema } from "#schemas/schema.ts";

import type { Sql } from "./expression/compile-sql.ts";
import type { ParameterValue } from "./expression/typed.ts";
import { amongKeys, compileUnrestricted } from "./rights/trusted-condition.ts";
import { server } from "./viewer.ts";

export type WhereOptions = {
  /** How the query calls the schema's table; `t` when not given. */
  readonly alias?: string;
  /** Values of `$(name)`. */
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
  /** Time zone of dates and of `GetDate`'s day, such as `Europe/Paris`; UTC when not given. */
  readonly timezone?: string;
  /** The schemas that links lead to; the product's own when not given. */
  readonly schemas?: SchemaSet;
};

export type CompiledWhere = {
  /** `nms_recipient as t left join ...`: the table and what the condition reads beyond it. */
  readonly from: Sql;
  /** The joins alone, for a query that has the table already. */
  readonly joins: Sql;
  readonly where: Sql;
};

/**
 * Compiles a condition, such as `@email IS NOT NULL AND [folder/@name] = 'customers'`, for work of the product itself: it sees
 * every row. An empty one is met by every row. Joins never multiply rows: where a link leads to many rows, it is enough that
 * one of them, or one combination of them, meets the condition.
 * @throws expressionSyntax, expressionMeaning, expressionTooLarge
 */
export function compileWhere(schema: Schema, expression: string, options: WhereOptions = {}): CompiledWhere {
  const table = { schema, alias: options.alias ?? "t" };
  const { joins, where } = compileOnce(table, expression, options);
  return { from: sql`${sql.table(schema.table)} as ${sql.id(table.alias)}${joins}`, joins, where };
}

function compileOnce(
  table: { schema: Schema; alias: string },
  expression: string,
  { schemas = builtInSchemas, timezone = "UTC", parameters = {} }: WhereOptions,
): { joins: Sql; where: Sql } {
  if (expression.trim() === "") return { joins: sql``, where: sql`true` };
  const trust = { schemas, viewer: { ...server, timezone } };
  const { joins, where } = compileUnrestricted(table, expression, trust, parameters);
  if (joins.multiplying().length === 0) return { joins: joins.toSql(), where };
  const isAmong = amongKeys(table, (inner) => compileUnrestricted(inner, expression, trust, parameters));
  return { joins: sql``, where: isAmong };
}
