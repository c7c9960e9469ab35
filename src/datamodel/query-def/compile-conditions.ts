/** Compiles the conditions of a query: side by side, in groups, over links, and with sub-queries. */

import { sql } from "#foundation/sql.ts";

import { unreachable } from "#foundation/errors.ts";

import type { Sql } from "../expression/compile-sql.ts";
import { expressionMeaning, expressionTooLarge } from "../expression/errors.ts";
import { kindNames, unify } from "../expression/kinds.ts";
import { joinCondition, linkOf } from "../expression/plan-joins.ts";
import { followPath, type PathEnd } from "../expression/resolve-path.ts";

import { compileCondition, compileTyped, type Place, readExpression } from "./compile-expression.ts";
import { guardFailure } from "./guard-failure.ts";
import { compileValueQuery } from "./compile-value-query.ts";
import type { Condition } from "./query-def.ts";
import { fromClause, joinRules, openScope, type Scope } from "./scope.ts";

/** Groups in groups, sub-queries in sub-queries. */
const deepest = 50;
const mostConditions = 10_000;

/**
 * Compiles conditions; undefined when there are none. As in SQL, AND binds tighter than OR.
 * @throws expressionSyntax, expressionMeaning, expressionTooLarge, unknownSchema
 */
export function compileConditions(
  scope: Scope,
  conditions: readonly Condition[],
  place: Place,
  depth = 0,
): Sql | undefined {
  if (conditions.length === 0) return undefined;
  if (depth > deepest) throw expressionTooLarge({ problem: `conditions are nested more than ${deepest} levels deep` });
  if (conditions.length > mostConditions)
    throw expressionTooLarge({ problem: `there are more than ${mostConditions} conditions side by side` });
  const alternatives: Sql[][] = [[]];
  for (const [index, condition] of conditions.entries()) {
    const compiled = compileOne(scope, condition, place, depth);
    if (compiled !== undefined) alternatives.at(-1)?.push(compiled);
    if (condition.isOrNext === true && index < conditions.length - 1) alternatives.push([]);
  }
  // A group without conditions excludes nothing, so that it does not turn an OR into "everything".
  const filled = alternatives.filter((all) => all.length > 0).map((all) => chain(all, sql` and `));
  return filled.length === 0 ? undefined : chain(filled, sql` or `);
}

function chain(parts: readonly Sql[], separator: Sql): Sql {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : sql`(${sql.join(parts, separator)})`;
}

function compileOne(scope: Scope, condition: Condition, place: Place, depth: number): Sql | undefined {
  switch (condition.kind) {
    case "expression":
      return condition.expr.trim() === "" ? undefined : compileCondition(scope, condition.expr, place);
    case "group": {
      const inner = compileConditions(scope, condition.conditions, place, depth + 1);
      return inner === undefined || condition.isNegated !== true ? inner : sql`(not ${inner})`;
    }
    case "exists":
      return compileExists(scope, condition, depth);
    case "in":
      return compileIn(scope, condition, place);
    default:
      return unreachable(condition);
  }
}

/** Inside, `../` is the row whose link it is. */
function compileExists(scope: Scope, condition: Condition & { kind: "exists" }, depth: number): Sql {
  const linked = openLinked(scope, condition.expr);
  const inner = compileConditions(linked.scope, condition.conditions, { aggregates: "refused" }, depth + 1);
  const where = inner === undefined ? linked.isLinked : sql`${linked.isLinked} and ${inner}`;
  const exists = sql`exists (select from ${linked.from()} where ${where})`;
  return condition.isNegated === true ? sql`(not ${exists})` : exists;
}

export type Linked = {
  readonly scope: Scope;
  /** Every table on the way, with what was joined to the last one: to be asked when all of it is compiled. */
  readonly from: () => Sql;
  readonly isLinked: Sql;
};

/**
 * Begins a SELECT over the rows that a path of links leads to from a row of the query around it.
 * @throws expressionMeaning when the path leads to no rows
 */
export function openLinked(outer: Scope, expression: string): Linked {
  const end = pathToRows(outer, expression);
  const { world } = outer;
  const tables: Sql[] = [];
  const conditions: Sql[] = [];
  let from: { schema: typeof outer.schema; alias: string } = outer;
  for (const name of end.links.slice(0, -1)) {
    const { link, target } = linkOf(from.schema, name, world.schemas);
    const step = { schema: target, alias: world.newAlias() };
    tables.push(sql`${sql.table(target.table)} as ${sql.id(step.alias)}`);
    conditions.push(joinCondition(from, link, step, joinRules(world)));
    from = step;
  }
  const { link, target } = linkOf(from.schema, end.links.at(-1) ?? "", world.schemas);
  const scope = openScope(world, { schema: target, alias: world.newAlias() }, outer);
  conditions.push(joinCondition(from, link, scope, joinRules(world)));
  return {
    scope,
    from: () => sql.join([...tables, fromClause(scope)]),
    isLinked: sql.join(conditions, sql` and `),
  };
}

function pathToRows(scope: Scope, expression: string): PathEnd & { kind: "row" } {
  const path = expression.trim().replace(/^\[(.*)\]$/s, "$1");
  const found = followPath({ root: scope.root, outward: 0, links: [] }, path);
  if (found.kind === "nothing") throw expressionMeaning({ expression, problem: found.problem });
  if (found.kind !== "row" || found.link === undefined || found.outward > 0)
    throw expressionMeaning({ expression, problem: "Here the name of a link should stand." });
  return found;
}

/** A value that is missing is neither in nor out of the list in SQL; in Classic there are none, so it is not in it. */
function compileIn(scope: Scope, condition: Condition & { kind: "in" }, place: Place): Sql {
  const typed = readExpression(scope, condition.expr, place);
  const list = compileValueQuery(scope, condition.subQuery);
  const [left, right] = unify([typed, list.value])?.values ?? [];
  if (left === undefined || right === undefined)
    throw expressionMeaning({
      expression: condition.expr,
      problem: `It is ${kindNames[typed.kind]}, the sub-query selects ${kindNames[list.value.kind]}.`,
    });
  const isIn = sql`(${compileTyped(scope, left)} in (${list.compile(right)}))`;
  const whole = condition.isNegated === true ? sql`(${isIn} is not true)` : isIn;
  return place.aggregates === "allowed" ? whole : guardFailure(scope, left, whole);
}
