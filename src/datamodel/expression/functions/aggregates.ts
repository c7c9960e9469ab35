/** Functions over many rows. */

import { sql } from "#foundation/sql.ts";

import { convert, isComparable } from "../kinds.ts";

import { asIs, at, type FunctionDeclaration, takes } from "./define-function.ts";

/** Null counts nowhere; over no rows Count is 0 and the others are null. */
export const aggregates: readonly FunctionDeclaration[] = [
  {
    name: "Avg",
    usage: "Avg(number)",
    family: "aggregate",
    answers: "The average.",
    check: takes(["number"], "double"),
    toSql: (operands) => sql`avg(${at(operands, 0)})::double precision`,
  },
  {
    name: "Count",
    usage: "Count(value)",
    family: "aggregate",
    answers: "How many rows have a value; an empty text is one.",
    check: takes(["value"], "integer"),
    toSql: asIs("count"),
  },
  {
    name: "CountAll",
    usage: "CountAll()",
    family: "aggregate",
    answers: "How many rows there are.",
    check: takes([], "integer"),
    toSql: () => sql`count(*)`,
  },
  {
    name: "Countdistinct",
    usage: "Countdistinct(value)",
    family: "aggregate",
    answers: "How many different values there are.",
    check: takes(["value"], "integer"),
    toSql: (operands) => sql`count(distinct ${at(operands, 0)})`,
  },
  {
    name: "Max",
    usage: "Max(value)",
    family: "aggregate",
    answers: "The largest number, the latest date or the last text.",
    check: orderable,
    toSql: asIs("max"),
  },
  {
    name: "Min",
    usage: "Min(value)",
    family: "aggregate",
    answers: "The smallest number, the earliest date or the first text.",
    check: orderable,
    toSql: asIs("min"),
  },
  {
    name: "StdDev",
    usage: "StdDev(number)",
    family: "aggregate",
    answers: "The standard deviation of a sample; null for a single row.",
    check: takes(["number"], "double"),
    toSql: (operands) => sql`stddev_samp(${at(operands, 0)})::double precision`,
  },
  {
    name: "Sum",
    usage: "Sum(number)",
    family: "aggregate",
    answers: "The sum; of conditions how many are true.",
    check: takes(["number"], "same"),
    // The sum of bigint is numeric in PostgreSQL; out of range is an error there, never a wrong figure.
    toSql: (operands, kinds) =>
      sql`sum(${at(operands, 0)})::${sql.raw(kinds[0] === "integer" ? "bigint" : "double precision")}`,
  },
];

function orderable(operands: Parameters<FunctionDeclaration["check"]>[0]): ReturnType<FunctionDeclaration["check"]> {
  const [only] = operands;
  if (operands.length !== 1 || only === undefined || !isComparable(only.kind) || only.kind === "uuid") return undefined;
  const operand = only.kind === "boolean" ? convert(only, "integer") : only;
  return { kind: operand.kind, operands: [operand] };
}
