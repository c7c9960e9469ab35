/** Compiles by what a query groups, and the names that it gives to what it selects. */

import { sql } from "#foundation/sql.ts";
import type { Field } from "#schemas/fields.ts";

import type { Sql } from "../expression/compile-sql.ts";
import type { Typed } from "../expression/typed.ts";

import { compileTyped, type Place, readExpression } from "./compile-expression.ts";
import { findOutput } from "./compile-order.ts";
import { type Output, typeOf } from "./output.ts";
import type { QueryDef } from "./query-def.ts";
import type { Scope } from "./scope.ts";

type GroupedQuery = Pick<QueryDef, "select" | "groupBy">;

/** What the query itself names, for `having`, `groupBy` and `orderBy`. */
export function readAliases({ select }: GroupedQuery, outputs: readonly Output[]): NonNullable<Place["aliases"]> {
  const fields = new Map<string, Field>();
  for (const { alias, expr, nested } of select) {
    const path = alias?.trim().replace(/^\[(.*)\]$/s, "$1");
    const typed = outputs.find(({ values: [first] }) => first?.column.path === path)?.typed;
    if (path === undefined || typed === undefined || nested !== undefined) continue;
    const type = typeOf(typed);
    fields.set(path, {
      kind: "computed",
      path,
      type,
      label: path,
      declaration: { type, label: path, expression: expr },
    });
  }
  return { fields, areFirst: false };
}

/** By the place of what is selected, where it is: values in an expression would make it another one for PostgreSQL. */
export function compileGroups(
  scope: Scope,
  query: GroupedQuery,
  outputs: readonly Output[],
  aliases: NonNullable<Place["aliases"]>,
): Sql[] {
  const selected = outputs.flatMap(({ isGroupedBy }, index) => (isGroupedBy ? [sql.raw(String(index + 1))] : []));
  const listed = (query.groupBy ?? []).map((expr) => {
    const position = findOutput(outputs, expr);
    if (position >= 0) return sql.raw(String(position + 1));
    return compileTyped(scope, readExpression(scope, expr, { aggregates: "refused", aliases }));
  });
  return [...selected, ...listed];
}

/** True when a value is computed over several rows. */
export function hasAggregate(typed: Typed | undefined): boolean {
  return typed !== undefined && holdsAggregate(typed);
}

function holdsAggregate(node: unknown): boolean {
  if (typeof node !== "object" || node === null) return false;
  if (Array.isArray(node)) return node.some(holdsAggregate);
  if ("declaration" in node && "node" in node && node.node === "call") {
    const { declaration } = node;
    if (
      typeof declaration === "object" &&
      declaration !== null &&
      "family" in declaration &&
      declaration.family === "aggregate"
    )
      return true;
  }
  return Object.entries(node).some(
    ([name, value]) => name !== "declaration" && name !== "path" && holdsAggregate(value),
  );
}
