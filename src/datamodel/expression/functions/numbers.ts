/** Functions over numbers. Whole numbers have 64 bits; a result beyond them is an error, never a wrong figure. */

import { type SqlFragment, sql } from "#foundation/sql.ts";

import { asIs, at, decimals, exactly, fit, type FunctionDeclaration, takes, takesAlike } from "./define-function.ts";

export const numbers: readonly FunctionDeclaration[] = [
  {
    name: "Abs",
    usage: "Abs(number)",
    family: "number",
    answers: "The number without its sign.",
    check: takes(["number"], "same"),
    toSql: asIs("abs"),
  },
  {
    name: "Ceil",
    usage: "Ceil(number)",
    family: "number",
    answers: "The next whole number above.",
    check: takes(["number"], "same"),
    toSql: wholeBy("ceil"),
  },
  {
    name: "Floor",
    usage: "Floor(number)",
    family: "number",
    answers: "The next whole number below.",
    check: takes(["number"], "same"),
    toSql: wholeBy("floor"),
  },
  {
    name: "Greatest",
    usage: "Greatest(a, b)",
    family: "number",
    answers: "The larger of two numbers or the later of two dates; the other one when one is null.",
    check: ordered,
    toSql: asIs("greatest"),
  },
  {
    name: "Least",
    usage: "Least(a, b)",
    family: "number",
    answers: "The smaller of two numbers or the earlier of two dates; the other one when one is null.",
    check: ordered,
    toSql: asIs("least"),
  },
  {
    name: "Mod",
    usage: "Mod(number, divisor)",
    family: "number",
    answers: "The remainder of the division of whole numbers, with the sign of the first; null for a divisor of 0.",
    check: takes(["integer", "integer"], "integer"),
    toSql: (operands) => sql`mod(${at(operands, 0)}, nullif(${at(operands, 1)}, 0))`,
  },
  {
    name: "Percent",
    usage: "Percent(part, whole)",
    family: "number",
    answers: "The part in percent of the whole; null for a whole of 0.",
    check: takes(["double", "double"], "double"),
    toSql: (operands) => sql`(${at(operands, 0)} / nullif(${at(operands, 1)}, 0) * 100)`,
  },
  {
    name: "Random",
    usage: "Random()",
    family: "number",
    answers: "A random number from 0 up to, but not, 1; another one for each row.",
    check: takes([], "double"),
    toSql: () => sql`random()`,
  },
  {
    name: "Round",
    usage: "Round(number[, decimals])",
    family: "number",
    answers: "The number rounded to so many decimals (none when not given), halves away from zero.",
    check: takes(["number", "integer"], "same", 1),
    toSql: cutBy("round"),
  },
  {
    name: "Sign",
    usage: "Sign(number)",
    family: "number",
    answers: "-1, 0 or 1.",
    check: takes(["number"], "integer"),
    toSql: (operands, kinds) => sql`sign(${exactly(at(operands, 0), kinds[0])})::bigint`,
  },
  {
    name: "ToDouble",
    usage: "ToDouble(value)",
    family: "number",
    answers: "The number as one with decimals; of a text the number it shows, null when it shows none.",
    check: takesNumberOrText("double"),
    toSql: (operands, kinds) =>
      kinds[0] === "text" ? sql`${readNumber(at(operands, 0))}::double precision` : at(operands, 0),
  },
  toWhole("ToInt64"),
  toWhole("ToInteger"),
  {
    name: "Trunc",
    usage: "Trunc(number[, decimals])",
    family: "number",
    answers: "The number cut to so many decimals (none when not given).",
    check: takes(["number", "integer"], "same", 1),
    toSql: cutBy("trunc"),
  },
];

function toWhole(name: "ToInt64" | "ToInteger"): FunctionDeclaration {
  return {
    name,
    usage: `${name}(value)`,
    family: "number",
    answers: "The number without its decimals; of a text the number it shows, null when it shows none.",
    check: takesNumberOrText("integer"),
    toSql: (operands, kinds) => {
      if (kinds[0] === "text") return sql`trunc(${readNumber(at(operands, 0))})::bigint`;
      return kinds[0] === "double" ? sql`trunc(${at(operands, 0)})::bigint` : at(operands, 0);
    },
  };
}

function takesNumberOrText(kind: "integer" | "double"): FunctionDeclaration["check"] {
  return (operands) => {
    const [only] = operands;
    if (only === undefined || operands.length !== 1) return undefined;
    const operand = only.kind === "text" ? only : (fit(only, kind) ?? fit(only, "number"));
    return operand && { kind, operands: [operand] };
  };
}

/** The form is checked here, since PostgreSQL would also read `NaN`, `1_000` and `0x1F`; the size by PostgreSQL. */
function readNumber(text: SqlFragment): SqlFragment {
  return sql`case when ${text} ~ '^ *[+-]?[0-9]{1,30}(\\.[0-9]{0,30})?([eE][+-]?[0-9]{1,2})? *$' then (${text})::numeric end`;
}

function ordered(operands: Parameters<FunctionDeclaration["check"]>[0]): ReturnType<FunctionDeclaration["check"]> {
  const alike = takesAlike([], 2)(operands);
  if (alike === undefined || "problem" in alike) return alike;
  return ["integer", "double", "date", "datetime", "time"].includes(alike.kind) ? alike : undefined;
}

function wholeBy(name: "ceil" | "floor"): FunctionDeclaration["toSql"] {
  return (operands, kinds) => (kinds[0] === "integer" ? at(operands, 0) : sql`${sql.raw(name)}(${at(operands, 0)})`);
}

function cutBy(name: "round" | "trunc"): FunctionDeclaration["toSql"] {
  return (operands, kinds) => {
    const type = sql.raw(kinds[0] === "integer" ? "bigint" : "double precision");
    return sql`${sql.raw(name)}(${exactly(at(operands, 0), kinds[0])}, ${decimals(operands[1])})::${type}`;
  };
}
