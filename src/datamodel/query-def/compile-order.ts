/** Compiles what a query is sorted by, complete enough that pages never overlap. */

import { sql } from "#foundation/sql.ts";
import { findField } from "#schemas/fields.ts";
import { schemaId } from "#schemas/schema.ts";

import type { Sql } from "../expression/compile-sql.ts";
import { expressionMeaning } from "../expression/errors.ts";
import { isComparable, kindNames, kindOf, sqlTypes } from "../expression/kinds.ts";
import { columnOf } from "../column-of.ts";
import type { Typed } from "../expression/typed.ts";

import { compileTyped, pathOfExpression, type Place, readExpression } from "./compile-expression.ts";
import { queryInvalid } from "./errors.ts";
import { guardFailure } from "./guard-failure.ts";
import { fieldOf, type Output } from "./output.ts";
import type { OrderNode } from "./query-def.ts";
import type { Scope } from "./scope.ts";

export type OrderTerm = {
  /** What ORDER BY names: an expression, or the position of a selected column. */
  readonly sql: Sql;
  /** The type that its values are cast to when they come back as text. */
  readonly type: string;
  readonly isDescending: boolean;
  readonly isNullable: boolean;
  /** The column of the query's own table that it is; undefined for others. */
  readonly column: string | undefined;
  /** A condition on it, as far as it must not be computed for rows that the viewer may not read. */
  readonly guard: (condition: Sql) => Sql;
};

const mostTerms = 50;

/**
 * Compiles orderBy. A query that is grouped or distinct can only be sorted by what it selects, or by aggregates.
 * @throws expressionSyntax, expressionMeaning, expressionTooLarge, queryInvalid
 */
export function compileOrder(
  scope: Scope,
  nodes: readonly OrderNode[],
  outputs: readonly Output[],
  shape: { readonly isGrouped: boolean; readonly isDistinct: boolean; readonly aliases: Place["aliases"] },
): OrderTerm[] {
  if (nodes.length > mostTerms)
    throw queryInvalid({ schema: schemaId(scope.schema), problem: `it is sorted by more than ${mostTerms} values` });
  return nodes.map(({ expr, isDescending }) => {
    const aliases = shape.aliases === undefined ? {} : { aliases: { ...shape.aliases, areFirst: true } };
    const typed = readExpression(scope, expr, { aggregates: "allowed", windows: "allowed", ...aliases });
    if (!isComparable(typed.kind))
      throw expressionMeaning({ expression: expr, problem: `Rows cannot be sorted by ${kindNames[typed.kind]}.` });
    const position = shape.isGrouped || shape.isDistinct ? findOutput(outputs, expr) : -1;
    if (position < 0 && shape.isDistinct)
      throw queryInvalid({
        schema: schemaId(scope.schema),
        problem: "what is distinct can only be sorted by what is selected",
      });
    const value = position < 0 ? compileTyped(scope, typed) : sql.raw(String(position + 1));
    return {
      sql: value,
      isDescending: isDescending === true,
      guard: (condition) => guardFailure(scope, typed, condition),
      ...nature(scope, typed),
    };
  });
}

/** The place of a selected value, by its expression or its alias; -1 when it is not selected. */
export function findOutput(outputs: readonly Output[], expr: string): number {
  const key = pathOfExpression(expr) ?? expr.trim();
  const byAlias = outputs.findIndex(({ values: [first] }) => first?.column.path === key);
  return byAlias >= 0 ? byAlias : outputs.findIndex((output) => output.key === key);
}

/**
 * The terms that make the order complete: what is grouped or distinct by all that is selected, other queries by the keys
 * of their rows. They go in the direction of the last term, so that one index can serve all.
 */
export function completeOrder(
  scope: Scope,
  terms: readonly OrderTerm[],
  outputs: readonly Output[],
  isByOutputs: boolean,
): OrderTerm[] {
  const isDescending = terms.at(-1)?.isDescending ?? false;
  if (isByOutputs) {
    const places = outputs.flatMap(({ typed }, index) =>
      typed !== undefined && isComparable(typed.kind) ? [sql.raw(String(index + 1))] : [],
    );
    return places.map((place) => ({
      sql: place,
      type: "text",
      isDescending,
      isNullable: true,
      column: undefined,
      guard,
    }));
  }
  const own = keyTerms(scope, isDescending).filter(({ column }) => !terms.some((term) => term.column === column));
  const others = scope.joins.multiplying().flatMap((table) => keyTerms(table, isDescending));
  return [...own, ...others.map((term) => ({ ...term, isNullable: true, column: undefined }))];
}

function keyTerms({ schema, alias }: Pick<Scope, "schema" | "alias">, isDescending: boolean): OrderTerm[] {
  return schema.keys[0].attributes.map((name) => {
    const column = columnOf(schema, name);
    const type = sqlTypes[kindOf(findField(schema, name)?.type ?? "string")];
    return { sql: sql.id(alias, column), type, isDescending, isNullable: false, column, guard };
  });
}

const guard = (condition: Sql): Sql => condition;

function nature(scope: Scope, typed: Typed): Pick<OrderTerm, "type" | "isNullable" | "column"> {
  const type = sqlTypes[typed.kind];
  const field = fieldOf(typed);
  const isOwn = typed.node === "attribute" && typed.path.outward === 0 && typed.path.links.length === 0;
  if (!isOwn || field?.kind !== "stored") return { type, isNullable: true, column: undefined };
  const { declaration, path } = field;
  const isKey = scope.schema.keys[0].attributes.includes(path);
  const isNullable = !isKey && declaration.required !== true && declaration.default === undefined;
  return { type, isNullable, column: declaration.column };
}
