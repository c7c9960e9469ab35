/** Compiles conditions that no viewer's rights restrict: those that schemas declare, on links and in system filters. */

import { sql } from "#foundation/sql.ts";

import type { SchemaSet } from "#schemas/schema-set.ts";
import type { Link } from "#schemas/schema.ts";

import { checkTypes } from "../expression/check-types.ts";
import { compileField } from "../expression/compile-field.ts";
import { compileSql, type Sql } from "../expression/compile-sql.ts";
import { expressionMeaning } from "../expression/errors.ts";
import { kindNames } from "../expression/kinds.ts";
import { parseExpression } from "../expression/parse-expression.ts";
import { columnOf } from "../column-of.ts";
import { type Joined, type Joins, planJoins } from "../expression/plan-joins.ts";
import { pathsOf } from "../expression/resolve-path.ts";
import type { ParameterValue, ResolvedPath } from "../expression/typed.ts";
import { holdsRight, type Viewer } from "../viewer.ts";

/** Whose conditions they are, over which schemas. */
export type Trust = {
  readonly schemas: SchemaSet;
  readonly viewer: Viewer;
};

/**
 * A condition on rows that a query calls by an alias. It sees every row, whatever the viewer's rights, since it is not
 * the viewer's own; nothing outside of it is joined.
 * @throws expressionSyntax, expressionMeaning
 */
export function compileTrustedCondition(table: Joined, expression: string, trust: Trust): Sql {
  const parameters = viewerParameters(trust.viewer);
  const direct = compileUnrestricted(table, expression, trust, parameters);
  if (!direct.joins.isAnywhere()) return direct.where;
  return amongKeys(table, (inner) => compileUnrestricted(inner, expression, trust, parameters));
}

/** That a row is one of those that meet a condition which needs joins of its own. */
export function amongKeys(table: Joined, compile: (inner: Joined) => { joins: Joins; where: Sql }): Sql {
  const inner = { schema: table.schema, alias: `${table.alias}_c` };
  const { joins, where } = compile(inner);
  const from = sql`${sql.table(inner.schema.table)} as ${sql.id(inner.alias)}${joins.toSql()}`;
  return sql`((${keyOf(table)}) in (select ${keyOf(inner)} from ${from} where ${where}))`;
}

/** The columns of a row's primary key, separated by commas. */
export function keyOf({ schema, alias }: Joined): Sql {
  return sql.join(schema.keys[0].attributes.map((name) => sql.id(alias, columnOf(schema, name))));
}

/** What a link's own condition says of its target. */
export function linkCondition(link: Link, target: Joined, trust: Trust): Sql | undefined {
  return link.where === undefined ? undefined : compileTrustedCondition(target, link.where, trust);
}

/**
 * Compiles a condition with the joins that it needs.
 * @throws expressionSyntax, expressionMeaning also when it is no condition, expressionTooLarge
 */
export function compileUnrestricted(
  { schema, alias }: Joined,
  expression: string,
  trust: Trust,
  parameters: Readonly<Record<string, ParameterValue>>,
): { joins: Joins; where: Sql } {
  const { schemas, viewer } = trust;
  const joins = planJoins(schema, alias, { schemas, restrict: (link, target) => linkCondition(link, target, trust) });
  const typed = checkTypes(expression, parseExpression(expression), {
    resolvePath: pathsOf({ root: { schema, schemas, isThere: () => true }, outward: 0, links: [] }),
    parameters,
    aggregates: "refused",
  });
  if (typed.kind !== "boolean")
    throw expressionMeaning({ expression, problem: `It is ${kindNames[typed.kind]}, not a condition.` });
  const where = compileSql(typed, {
    timezone: viewer.timezone,
    hasRight: (right) => holdsRight(viewer, right),
    columnOf: ({ links, field }: ResolvedPath) => compileField(joins.aliasOf(links), field),
  });
  return { joins, where };
}

/** What `$(login)` and `$(loginId)` are. */
export function viewerParameters({ login, operatorId }: Viewer): Readonly<Record<string, ParameterValue>> {
  return { login, loginId: operatorId };
}
