/** Functions over texts. Characters are Unicode's, counted from 1. */

import { sql } from "#foundation/sql.ts";

import { compareValues } from "../compare-values.ts";
import { unify } from "../kinds.ts";
import type { Kind } from "../typed.ts";

import {
  asIs,
  asInteger,
  at,
  clamp,
  count,
  decimals,
  exactly,
  type FunctionDeclaration,
  type Surroundings,
  takes,
} from "./define-function.ts";

/** The longest text that LPad and RPad make. */
const longestPadded = 10_000;

export const texts: readonly FunctionDeclaration[] = [
  {
    name: "AllNonNull2",
    usage: "AllNonNull2(text, text)",
    family: "text",
    answers: "True when both are neither null nor empty.",
    check: takes(["text", "text"], "boolean"),
    toSql: allFilled,
  },
  {
    name: "AllNonNull3",
    usage: "AllNonNull3(text, text, text)",
    family: "text",
    answers: "True when all three are neither null nor empty.",
    check: takes(["text", "text", "text"], "boolean"),
    toSql: allFilled,
  },
  {
    name: "Ascii",
    usage: "Ascii(text)",
    family: "text",
    answers: "The code of the first character (Unicode's, which begins with ASCII's); 0 for an empty text.",
    check: takes(["text"], "integer"),
    toSql: asInteger("ascii"),
  },
  {
    name: "Char",
    usage: "Char(code)",
    family: "text",
    answers: "The character of a code; null when there is none.",
    check: takes(["integer"], "text"),
    toSql: (operands) => {
      const code = at(operands, 0);
      return sql`case when ${code} between 1 and 55295 or ${code} between 57344 and 1114111 then chr(${code}::integer) end`;
    },
  },
  {
    name: "Charindex",
    usage: "Charindex(text, part)",
    family: "text",
    answers: "Where the part begins in the text, from 1; 0 when it does not occur.",
    check: takes(["text", "text"], "integer"),
    toSql: asInteger("strpos"),
  },
  {
    name: "dataLength",
    usage: "dataLength(value)",
    family: "text",
    answers: "The size in bytes: of a text in UTF-8, of binary data, of a document.",
    check: (operands) => takes([operands[0]?.kind === "binary" ? "binary" : "memo"], "integer")(operands),
    toSql: asInteger("octet_length"),
  },
  {
    name: "GetLine",
    usage: "GetLine(text[, number])",
    family: "text",
    answers: "A line of the text, from 1 (1 when not given); empty behind the last line, null before the first.",
    check: takes(["memo", "integer"], "text", 1),
    toSql: (operands) => {
      const lines = sql`replace(${at(operands, 0)}, E'\\r\\n', E'\\n')`;
      const number = operands.length === 1 ? sql`1` : sql`nullif(${count(at(operands, 1))}, 0)`;
      return sql`split_part(${lines}, E'\\n', ${number})`;
    },
  },
  {
    name: "IfEquals",
    usage: "IfEquals(a, b, value, otherwise)",
    family: "text",
    answers: "The third when the first two are equal (compared as by =), else the fourth.",
    check: chooseIfEqual,
    toSql: choose,
  },
  {
    name: "IsMemoNull",
    usage: "IsMemoNull(memo)",
    family: "text",
    answers: "True when the memo is null or empty.",
    check: takes(["memo"], "boolean"),
    toSql: (operands) => sql`(coalesce(${at(operands, 0)}, '') = '')`,
  },
  {
    name: "JuxtWords",
    usage: "JuxtWords(text, text)",
    family: "text",
    answers: "Both texts, with a space between them when neither is empty.",
    check: takes(["text", "text"], "text"),
    toSql: juxtapose,
  },
  {
    name: "JuxtWords3",
    usage: "JuxtWords3(text, text, text)",
    family: "text",
    answers: "The three texts, with spaces between those that are not empty.",
    check: takes(["text", "text", "text"], "text"),
    toSql: juxtapose,
  },
  {
    name: "Left",
    usage: "Left(text, length)",
    family: "text",
    answers: "The first characters.",
    check: takes(["text", "integer"], "text"),
    toSql: (operands) => sql`left(${at(operands, 0)}, ${count(at(operands, 1))})`,
  },
  {
    name: "Length",
    usage: "Length(text)",
    family: "text",
    answers: "The number of characters.",
    check: takes(["memo"], "integer"),
    toSql: asInteger("length"),
  },
  {
    name: "Lower",
    usage: "Lower(text)",
    family: "text",
    answers: "The text in lower case.",
    check: takes(["text"], "text"),
    toSql: asIs("lower"),
  },
  {
    name: "LPad",
    usage: "LPad(text, length, filler)",
    family: "text",
    answers: `The text filled up on its left to the length, or cut to it; null beyond ${longestPadded} characters.`,
    check: takes(["text", "integer", "text"], "text"),
    toSql: pad("lpad"),
  },
  {
    name: "Ltrim",
    usage: "Ltrim(text)",
    family: "text",
    answers: "The text without the spaces on its left.",
    check: takes(["text"], "text"),
    toSql: asIs("ltrim"),
  },
  {
    name: "Md5Digest",
    usage: "Md5Digest(text)",
    family: "text",
    answers: "The MD5 digest of the text in UTF-8, as hexadecimal digits in lower case.",
    check: takes(["memo"], "text"),
    toSql: asIs("md5"),
  },
  {
    name: "MemoContains",
    usage: "MemoContains(memo, text)",
    family: "text",
    answers: "True when the text occurs in the memo, or in the document, as it is written.",
    check: takes(["memo", "text"], "boolean"),
    toSql: (operands) => sql`(strpos(${at(operands, 0)}, ${at(operands, 1)}) > 0)`,
  },
  {
    name: "Right",
    usage: "Right(text, length)",
    family: "text",
    answers: "The last characters.",
    check: takes(["text", "integer"], "text"),
    toSql: (operands) => sql`right(${at(operands, 0)}, ${count(at(operands, 1))})`,
  },
  {
    name: "RPad",
    usage: "RPad(text, length, filler)",
    family: "text",
    answers: `The text filled up on its right to the length, or cut to it; null beyond ${longestPadded} characters.`,
    check: takes(["text", "integer", "text"], "text"),
    toSql: pad("rpad"),
  },
  {
    name: "Rtrim",
    usage: "Rtrim(text)",
    family: "text",
    answers: "The text without the spaces on its right.",
    check: takes(["text"], "text"),
    toSql: asIs("rtrim"),
  },
  {
    name: "Smart",
    usage: "Smart(text)",
    family: "text",
    answers: "The text with the first letter of each word in upper case and the others in lower case.",
    check: takes(["text"], "text"),
    toSql: asIs("initcap"),
  },
  {
    name: "Substring",
    usage: "Substring(text, from, length)",
    family: "text",
    answers: "So many characters from that one on; what is before the first begins at the first.",
    check: takes(["text", "integer", "integer"], "text"),
    toSql: (operands) =>
      sql`substring(${at(operands, 0)} from ${clamp(at(operands, 1), 1, 1_000_000_000)}::integer for ${count(at(operands, 2))})`,
  },
  {
    name: "ToString",
    usage: "ToString(value[, decimals])",
    family: "text",
    answers: "The value as text: numbers with a point, dates as YYYY-MM-DD HH:MM:SS, conditions as 0 or 1.",
    check: (operands) => takes(operands.length === 2 ? ["number", "integer"] : ["value"], "text")(operands),
    toSql: (operands, kinds, around) =>
      operands.length === 2
        ? sql`round(${exactly(at(operands, 0), kinds[0])}, ${decimals(operands[1])})::text`
        : asText(at(operands, 0), kinds[0], around),
  },
  {
    name: "Upper",
    usage: "Upper(text)",
    family: "text",
    answers: "The text in upper case.",
    check: takes(["text"], "text"),
    toSql: asIs("upper"),
  },
  {
    name: "VirtualLink",
    usage: "VirtualLink(key, a, b)",
    family: "text",
    answers: "The key when a equals b, else 0, which leads nowhere.",
    check: (operands) => linkIfEqual(operands, "integer"),
    toSql: (operands) => sql`case when ${at(operands, 0)} then ${at(operands, 1)} else 0 end`,
  },
  {
    name: "VirtualLinkStr",
    usage: "VirtualLinkStr(key, a, b)",
    family: "text",
    answers: "The key when a equals b, else an empty text.",
    check: (operands) => linkIfEqual(operands, "text"),
    toSql: (operands) => sql`case when ${at(operands, 0)} then ${at(operands, 1)} else '' end`,
  },
];

/** `f(a, b, value, otherwise)` as a choice by the comparison of the first two. */
export function chooseIfEqual(
  operands: Parameters<FunctionDeclaration["check"]>[0],
): ReturnType<FunctionDeclaration["check"]> {
  const [left, right, ...values] = operands;
  const test = left && right && compareValues("=", left, right);
  const unified = values.length === 2 ? unify(values) : undefined;
  return test && unified && { kind: unified.kind, operands: [test, ...unified.values] };
}

/** `case when` over a condition and two values. */
export function choose(
  operands: Parameters<FunctionDeclaration["toSql"]>[0],
): ReturnType<FunctionDeclaration["toSql"]> {
  return sql`case when ${at(operands, 0)} then ${at(operands, 1)} else ${at(operands, 2)} end`;
}

function linkIfEqual(
  [key, left, right, ...more]: Parameters<FunctionDeclaration["check"]>[0],
  kind: "integer" | "text",
): ReturnType<FunctionDeclaration["check"]> {
  const test = left && right && compareValues("=", left, right);
  return key?.kind === kind && more.length === 0 ? test && { kind, operands: [test, key] } : undefined;
}

function allFilled(operands: Parameters<FunctionDeclaration["toSql"]>[0]): ReturnType<FunctionDeclaration["toSql"]> {
  return sql`(${sql.join(
    operands.map((operand) => sql`coalesce(${operand}, '') <> ''`),
    sql` and `,
  )})`;
}

function juxtapose(operands: Parameters<FunctionDeclaration["toSql"]>[0]): ReturnType<FunctionDeclaration["toSql"]> {
  return sql`concat_ws(' ', ${sql.join(operands.map((operand) => sql`nullif(${operand}, '')`))})`;
}

/** One row with an odd length must not fill the memory: beyond the limit there is no result. */
function pad(name: "lpad" | "rpad"): FunctionDeclaration["toSql"] {
  const beyond = longestPadded + 1;
  return (operands) =>
    sql`${sql.raw(name)}(${at(operands, 0)}, nullif(${clamp(at(operands, 1), 0, beyond)}, ${sql.raw(String(beyond))})::integer, ${at(operands, 2)})`;
}

function asText(
  value: ReturnType<FunctionDeclaration["toSql"]>,
  kind: Kind | undefined,
  { timezone }: Surroundings,
): ReturnType<FunctionDeclaration["toSql"]> {
  if (kind === "datetime") return sql`to_char(${value} at time zone ${timezone}::text, 'YYYY-MM-DD HH24:MI:SS')`;
  if (kind === "date") return sql`to_char(${value}, 'YYYY-MM-DD')`;
  if (kind === "boolean") return sql`(${value}::integer)::text`;
  return kind === "double" ? sql`trim_scale(${exactly(value, kind)})::text` : sql`(${value})::text`;
}
