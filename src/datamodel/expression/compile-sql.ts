/** Turns a checked expression into SQL: every value a parameter, every name from a schema. */

import { type SqlFragment, sql } from "#foundation/sql.ts";

import { unreachable } from "#foundation/errors.ts";

import { expressionTooLarge } from "./errors.ts";
import type { Surroundings } from "./functions/define-function.ts";
import { sqlTypes } from "./kinds.ts";
import { measureSql } from "./measure-sql.ts";
import type { Constant, Kind, ResolvedPath, Typed } from "./typed.ts";

export type Sql = SqlFragment;

/** What the compiler is told about the query around the expression. */
export type QueryShape = Surroundings & {
  /** The value that a path leads to. */
  columnOf(path: ResolvedPath): Sql;
};

const mostPieces = 200_000;

/**
 * Compiles an expression; the result may stand wherever SQL takes a value of its kind.
 * @throws expressionTooLarge
 */
export function compileSql(typed: Typed, shape: QueryShape): Sql {
  const compiled = compile(typed, shape);
  if (measureSql(compiled) > mostPieces)
    throw expressionTooLarge({ problem: "its functions are nested so deep that too much SQL comes of it" });
  return compiled;
}

function compile(typed: Typed, shape: QueryShape): Sql {
  switch (typed.node) {
    case "constant":
      return compileConstant(typed.constant, shape);
    case "attribute":
      return shape.columnOf(typed.path);
    case "computed":
      return compile(typed.operand, shape);
    case "call":
      return compileCall(typed, shape);
    case "negative":
      return sql`(- ${compileNumber(typed.operand, shape)})`;
    case "sum":
      return compileSum(typed, shape);
    case "concatenation":
      return sql`(${sql.join(
        typed.operands.map((operand) => compile(operand, shape)),
        sql` || `,
      )})`;
    case "compare":
      return sql`(${compile(typed.left, shape)} ${sql.raw(typed.operator)} ${compile(typed.right, shape)})`;
    case "in":
      return compileIn(typed, shape);
    case "like":
      return compileLike(typed, shape);
    case "empty":
      return compileEmpty(typed, shape);
    case "not":
      return sql`(not ${compile(typed.operand, shape)})`;
    case "and":
    case "or":
      return sql`(${sql.join(
        typed.operands.map((operand) => compile(operand, shape)),
        sql` ${sql.raw(typed.node)} `,
      )})`;
    case "cast":
      return compileCast(typed.operand, typed.kind, shape);
    default:
      return unreachable(typed);
  }
}

function compileConstant(constant: Constant, shape: QueryShape): Sql {
  if (constant.kind === "datetime" && !constant.hasZone)
    return sql`(${constant.value}::timestamp at time zone ${shape.timezone}::text)`;
  return sql`${constant.value}::${sql.raw(sqlTypes[constant.kind])}`;
}

function compileCall(typed: Typed & { node: "call" }, shape: QueryShape): Sql {
  const operands = typed.operands.map((operand) =>
    operand.kind === "integer" ? compileNumber(operand, shape) : compile(operand, shape),
  );
  return typed.declaration.toSql(
    operands,
    typed.operands.map(({ kind }) => kind),
    shape,
    typed.operands,
  );
}

/** Small integer columns would overflow where the same sum of larger ones does not: arithmetic is always done on bigint. */
function compileNumber(typed: Typed, shape: QueryShape): Sql {
  const compiled = compile(typed, shape);
  return typed.kind === "integer" && isField(typed) ? sql`(${compiled}::bigint)` : compiled;
}

function isField(typed: Typed): boolean {
  return typed.node === "attribute" || (typed.node === "computed" && isField(typed.operand));
}

/** Division by zero has no result: null, which meets no condition. One odd row must not refuse a whole target. */
function compileSum(typed: Typed & { node: "sum" }, shape: QueryShape): Sql {
  return typed.rest.reduce<Sql>(
    (left, { operator, operand }) => {
      const right = compileNumber(operand, shape);
      return operator === "/" ? sql`(${left} / nullif(${right}, 0))` : sql`(${left} ${sql.raw(operator)} ${right})`;
    },
    compileNumber(typed.first, shape),
  );
}

function compileIn(typed: Typed & { node: "in" }, shape: QueryShape): Sql {
  const operand = compile(typed.operand, shape);
  const values = typed.items.map((item) =>
    item.node === "constant" && item.kind !== "datetime" ? item.constant.value : undefined,
  );
  if (values.every((value) => value !== undefined)) {
    // One parameter for a list of any length.
    const list = sql`${values}::${sql.raw(sqlTypes[typed.operand.kind])}[]`;
    return typed.isNegated ? sql`(${operand} <> all(${list}))` : sql`(${operand} = any(${list}))`;
  }
  const items = sql.join(typed.items.map((item) => compile(item, shape)));
  return typed.isNegated ? sql`(${operand} not in (${items}))` : sql`(${operand} in (${items}))`;
}

/** In a pattern that is computed a backslash is a backslash: data must not be able to make PostgreSQL refuse the pattern. */
function compileLike(typed: Typed & { node: "like" }, shape: QueryShape): Sql {
  const { pattern } = typed;
  const compiled =
    pattern.node === "constant" && pattern.constant.kind === "text"
      ? sql`${pattern.constant.pattern}::text`
      : sql`replace(${compile(pattern, shape)}, ${"\\"}::text, ${"\\\\"}::text)`;
  return sql`(${compile(typed.operand, shape)} ${sql.raw(typed.isNegated ? "not like" : "like")} ${compiled})`;
}

/** Of a column both tests are written out, so that an index serves them; what is computed is computed once. */
function compileEmpty(typed: Typed & { node: "empty" }, shape: QueryShape): Sql {
  const { operand, isNegated } = typed;
  const compiled = compile(operand, shape);
  if (operand.kind === "document") {
    const test = sql.raw(isNegated ? "<> all" : "= any");
    return sql`(coalesce(${compiled}::text, '') ${test} (array['', 'null', '{}', '[]', '""']))`;
  }
  if (operand.kind !== "text" && operand.kind !== "secret")
    return sql`(${compiled} is ${sql.raw(isNegated ? "not null" : "null")})`;
  if (!isField(operand)) return sql`(coalesce(${compiled}, '') ${sql.raw(isNegated ? "<>" : "=")} '')`;
  return isNegated
    ? sql`(${compiled} is not null and ${compiled} <> '')`
    : sql`(${compiled} is null or ${compiled} = '')`;
}

function compileCast(operand: Typed, kind: Kind, shape: QueryShape): Sql {
  const compiled = compile(operand, shape);
  if (operand.kind === "date" && kind === "datetime")
    return sql`(${compiled}::timestamp at time zone ${shape.timezone}::text)`;
  if (operand.kind === "datetime" && kind === "date")
    return sql`(${compiled} at time zone ${shape.timezone}::text)::date`;
  if (operand.kind === "boolean" && kind === "integer") return sql`(${compiled}::integer::bigint)`;
  if (operand.kind === "integer" && kind === "boolean") return sql`(${compiled} <> 0)`;
  if (operand.kind === "double" && kind === "integer") return sql`(trunc(${compiled})::bigint)`;
  return sql`(${compiled}::${sql.raw(sqlTypes[kind])})`;
}
