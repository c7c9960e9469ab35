/** Compiles the expressions of a query where they stand. */

import type { Field } from "#schemas/fields.ts";

import { checkTypes } from "../expression/check-types.ts";
import { compileSql, type Sql } from "../expression/compile-sql.ts";
import { expressionMeaning } from "../expression/errors.ts";
import { kindNames } from "../expression/kinds.ts";
import { parseExpression } from "../expression/parse-expression.ts";
import { pathsOf } from "../expression/resolve-path.ts";
import type { Syntax } from "../expression/syntax.ts";
import type { ResolvedPath, ResolvePath, Typed } from "../expression/typed.ts";
import { holdsRight } from "../viewer.ts";

import { guardFailure } from "./guard-failure.ts";
import { compilePath, type Scope } from "./scope.ts";

export type Place = {
  /** Aggregates stand in what is selected, sorted by and in `having`; windows in what is selected and sorted by. */
  readonly aggregates: "allowed" | "refused";
  readonly windows?: "allowed" | "refused";
  /** Names that the query itself gives to what it selects, and whether they come before those of fields. */
  readonly aliases?: { readonly fields: ReadonlyMap<string, Field>; readonly areFirst: boolean };
  /** The links that lead to the row from which paths start; the query's own row when not given. */
  readonly links?: readonly string[];
};

/**
 * Gives an expression its meaning in a SELECT.
 * @throws expressionSyntax, expressionMeaning, expressionTooLarge
 */
export function readExpression(scope: Scope, expression: string, place: Place): Typed {
  const { aliases, links = [], ...allowed } = place;
  return checkTypes(expression, parseOnce(expression), {
    ...allowed,
    resolvePath: withAliases(pathsOf({ root: scope.root, outward: 0, links }), aliases),
    parameters: scope.world.parameters,
  });
}

/** Writes an expression that `readExpression` gave its meaning. */
export function compileTyped(scope: Scope, typed: Typed): Sql {
  const { viewer } = scope.world;
  const shape = {
    timezone: viewer.timezone,
    hasRight: (right: string): boolean => holdsRight(viewer, right),
    columnOf: (path: ResolvedPath): Sql => compilePath(scope, path),
  };
  return compileSql(typed, shape);
}

/**
 * Compiles a condition.
 * @throws expressionSyntax, expressionMeaning also when it is no condition, expressionTooLarge
 */
export function compileCondition(scope: Scope, expression: string, place: Place): Sql {
  const typed = readExpression(scope, expression, place);
  if (typed.kind !== "boolean")
    throw expressionMeaning({ expression, problem: `It is ${kindNames[typed.kind]}, not a condition.` });
  const condition = compileTyped(scope, typed);
  return place.aggregates === "allowed" ? condition : guardFailure(scope, typed, condition);
}

/** The path of an expression that is nothing but a path; undefined for others. */
export function pathOfExpression(expression: string): string | undefined {
  const syntax = parseOnce(expression);
  return syntax.node === "path" ? syntax.text : undefined;
}

function withAliases(paths: ResolvePath, aliases: Place["aliases"]): ResolvePath {
  if (aliases === undefined || aliases.fields.size === 0) return paths;
  return (path) => {
    const field = aliases.fields.get(path);
    const named = field === undefined ? undefined : { outward: 0, links: [], field, resolveThere: paths };
    if (named === undefined) return paths(path);
    if (aliases.areFirst) return named;
    const found = paths(path);
    return "problem" in found ? named : found;
  };
}

const mostKept = 500;
const parsed = new Map<string, Syntax>();

/** Clients send the same few expressions again and again; what they mean depends on the query, how they are built does not. */
function parseOnce(expression: string): Syntax {
  const known = parsed.get(expression);
  if (known !== undefined) return known;
  const syntax = parseExpression(expression);
  if (expression.length > 2_000) return syntax;
  if (parsed.size >= mostKept) parsed.clear();
  parsed.set(expression, syntax);
  return syntax;
}
