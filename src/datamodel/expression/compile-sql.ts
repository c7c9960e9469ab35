/** Turns a checked expression into SQL: every value a parameter, every name from a schema. */

import { type SqlFragment, sql } from "#foundation/sql.ts";

import { unreachable } from "#foundation/errors.ts";

import type { Surroundings } from "./functions.ts";
import type { Constant, Kind, Typed } from "./typed.ts";

export type Sql = SqlFragment;

/** What the compiler is told about the query around the expression. */
export type QueryShape = Surroundings & {
  /** The alias of the table that a path of links leads to; the empty path is the query's own table. */
  aliasOf(links: readonly string[]): string;
};

/** Compiles an expression; the result may stand wherever SQL takes a value of its kind. */
export function compileSql(typed: Typed, shape: QueryShape): Sql {
  switch (typed.node) {
    case "constant":
      return compileConstant(typed.constant, shape);
    case "attribute":
      return sql.ref(`${shape.aliasOf(typed.links)}.${typed.column}`);
    case "call":
      return compileCall(typed, shape);
    case "negative":
      return sql`(- ${compileNumber(typed.operand, shape)})`;
    case "sum":
      return compileSum(typed, shape);
    case "concatenation":
      return sql`(${sql.join(
        typed.operands.map((operand) => compileSql(operand, shape)),
        sql` || `,
      )})`;
    case "compare":
      return sql`(${compileSql(typed.left, shape)} ${sql.raw(typed.operator)} ${compileSql(typed.right, shape)})`;
    case "in":
      return compileIn(typed, shape);
    case "like":
      return compileLike(typed, shape);
    case "empty":
      return compileEmpty(typed, shape);
    case "not":
      return sql`(not ${compileSql(typed.operand, shape)})`;
    case "and":
    case "or":
      return sql`(${sql.join(
        typed.operands.map((operand) => compileSql(operand, shape)),
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

const sqlTypes: Readonly<Record<Kind, string>> = {
  text: "text",
  integer: "bigint",
  double: "double precision",
  boolean: "boolean",
  date: "date",
  datetime: "timestamptz",
};

function compileCall(typed: Typed & { node: "call" }, shape: QueryShape): Sql {
  const operands = typed.operands.map((operand) =>
    operand.kind === "integer" ? compileNumber(operand, shape) : compileSql(operand, shape),
  );
  return typed.declaration.toSql(
    operands,
    typed.operands.map(({ kind }) => kind),
    shape,
  );
}

/** Small integer columns would overflow where the same sum of larger ones does not: arithmetic is always done on bigint. */
function compileNumber(typed: Typed, shape: QueryShape): Sql {
  const compiled = compileSql(typed, shape);
  return typed.kind === "integer" && typed.node === "attribute" ? sql`(${compiled}::bigint)` : compiled;
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
  const operand = compileSql(typed.operand, shape);
  const values = typed.items.map((item) =>
    item.node === "constant" && item.kind !== "datetime" ? item.constant.value : undefined,
  );
  if (values.every((value) => value !== undefined)) {
    // One parameter for a list of any length.
    const list = sql`${values}::${sql.raw(sqlTypes[typed.operand.kind])}[]`;
    return typed.isNegated ? sql`(${operand} <> all(${list}))` : sql`(${operand} = any(${list}))`;
  }
  const items = sql.join(typed.items.map((item) => compileSql(item, shape)));
  return typed.isNegated ? sql`(${operand} not in (${items}))` : sql`(${operand} in (${items}))`;
}

/** In a pattern that is computed a backslash is a backslash: data must not be able to make PostgreSQL refuse the pattern. */
function compileLike(typed: Typed & { node: "like" }, shape: QueryShape): Sql {
  const { pattern } = typed;
  const compiled =
    pattern.node === "constant" && pattern.constant.kind === "text"
      ? sql`${pattern.constant.pattern}::text`
      : sql`replace(${compileSql(pattern, shape)}, ${"\\"}::text, ${"\\\\"}::text)`;
  return sql`(${compileSql(typed.operand, shape)} ${sql.raw(typed.isNegated ? "not like" : "like")} ${compiled})`;
}

function compileEmpty(typed: Typed & { node: "empty" }, shape: QueryShape): Sql {
  const operand = compileSql(typed.operand, shape);
  if (typed.operand.kind !== "text") return sql`(${operand} is ${sql.raw(typed.isNegated ? "not null" : "null")})`;
  return typed.isNegated
    ? sql`(${operand} is not null and ${operand} <> '')`
    : sql`(${operand} is null or ${operand} = '')`;
}

function compileCast(operand: Typed, kind: Kind, shape: QueryShape): Sql {
  const compiled = compileSql(operand, shape);
  if (operand.kind === "date" && kind === "datetime")
    return sql`(${compiled}::timestamp at time zone ${shape.timezone}::text)`;
  if (operand.kind === "boolean" && kind === "integer") return sql`(${compiled}::integer::bigint)`;
  return sql`(${compiled}::${sql.raw(sqlTypes[kind])})`;
}
