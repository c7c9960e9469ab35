/** Functions that number the rows of an answer. */

import { sql } from "#foundation/sql.ts";

import { isComparable } from "../kinds.ts";

import { at, type FunctionDeclaration, takes } from "./define-function.ts";

type Operands = Parameters<FunctionDeclaration["check"]>[0];
type Result = ReturnType<FunctionDeclaration["check"]>;

export const windows: readonly FunctionDeclaration[] = [
  {
    name: "RowId",
    usage: "RowId",
    family: "window",
    answers: "The number of the row in the answer, from 1, in no order that is promised.",
    check: takes([], "integer"),
    toSql: () => sql`row_number() over ()`,
  },
  {
    name: "RowNum",
    usage: "RowNum(PartitionBy(value), OrderBy(value))",
    family: "window",
    answers:
      "The number of the row, from 1, among the rows with the same values of PartitionBy, in the order of OrderBy.",
    check: checkRowNum,
    toSql: (operands) => sql`row_number() over (${sql.join(operands, sql` `)})`,
  },
  {
    name: "PartitionBy",
    usage: "PartitionBy(value, ...)",
    family: "window",
    answers: "The values by which RowNum begins anew.",
    within: ["RowNum"],
    check: takesSome,
    toSql: (operands) => sql`partition by ${sql.join(operands)}`,
  },
  {
    name: "OrderBy",
    usage: "OrderBy(value, ...)",
    family: "window",
    answers: "The order in which RowNum counts.",
    within: ["RowNum"],
    check: takesSome,
    toSql: (operands) => sql`order by ${sql.join(operands)}`,
  },
  {
    name: "Desc",
    usage: "Desc(value)",
    family: "window",
    answers: "The other way round: the largest first.",
    within: ["OrderBy"],
    check: takes(["value"], "same"),
    toSql: (operands) => sql`${at(operands, 0)} desc`,
  },
];

function takesSome(operands: Operands): Result {
  const [first] = operands;
  if (first === undefined || !operands.every(({ kind }) => isComparable(kind))) return undefined;
  return { kind: first.kind, operands };
}

/** One of each at most, PartitionBy first: as SQL has them. */
function checkRowNum(operands: Operands): Result {
  const names = operands.map((operand) => (operand.node === "call" ? operand.declaration.name : ""));
  const isRight = ["PartitionBy,OrderBy", "PartitionBy", "OrderBy"].includes(names.join(","));
  return isRight ? { kind: "integer", operands } : undefined;
}
