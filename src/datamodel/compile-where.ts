/** Compiles a condition of the expression language to SQL fragments that any query over the schema's table can take in. */

import { sql } from "#foundation/sql.ts";

import type { Schema } from "#schemas/schema.ts";

import { checkTypes } from "./expression/check-types.ts";
import { compileSql, type Sql } from "./expression/compile-sql.ts";
import { expressionMeaning } from "./expression/errors.ts";
import { kindNames } from "./expression/kinds.ts";
import { parseExpression } from "./expression/parse-expression.ts";
import { planJoins } from "./expression/plan-joins.ts";
import type { ParameterValue } from "./expression/typed.ts";

export type WhereOptions = {
  /** How the query calls the schema's table; `t` when not given. */
  readonly alias?: string;
  /** Values of `$(name)`. */
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
  /** Time zone of dates and of `GetDate`'s day, such as `Europe/Paris`; UTC when not given. */
  readonly timezone?: string;
};

export type CompiledWhere = {
  /** `nms_recipient as t left join ...`: the table and what the condition reads beyond it. */
  readonly from: Sql;
  /** The joins alone, for a query that has the table already. */
  readonly joins: Sql;
  readonly where: Sql;
};

/**
 * Compiles a condition, such as `@email IS NOT NULL AND [folder/@name] = 'customers'`.
 * An empty one is met by every row. Joins never multiply rows.
 * @throws expressionSyntax, expressionMeaning, expressionTooLarge
 */
export function compileWhere(schema: Schema, expression: string, options: WhereOptions = {}): CompiledWhere {
  const alias = options.alias ?? "t";
  const joins = planJoins(schema, alias);
  const where = expression.trim() === "" ? sql`true` : compileCondition(schema, expression, options, joins.aliasOf);
  const compiledJoins = joins.toSql();
  return { from: sql`${sql.table(schema.table)} as ${sql.id(alias)}${compiledJoins}`, joins: compiledJoins, where };
}

function compileCondition(
  schema: Schema,
  expression: string,
  options: WhereOptions,
  aliasOf: (links: readonly string[]) => string,
): Sql {
  const typed = checkTypes(expression, parseExpression(expression), {
    schema,
    parameters: options.parameters ?? {},
    aggregates: "refused",
  });
  if (typed.kind !== "boolean")
    throw expressionMeaning({ expression, problem: `It is ${kindNames[typed.kind]}, not a condition.` });
  return compileSql(typed, { timezone: options.timezone ?? "UTC", aliasOf });
}
