/** Reads the value of a `$(name)` as a constant of the expression. */

import { kindNames } from "./kinds.ts";
import { parseDate, parseTime, parseUuid } from "./parse-date.ts";
import { parseInteger } from "./parse-integer.ts";
import { longestExpression } from "./tokenize.ts";
import type { Constant, Kind, ParameterValue } from "./typed.ts";

const parameterKinds: Readonly<Record<string, Kind>> = {
  string: "text",
  memo: "text",
  html: "text",
  cdata: "text",
  byte: "integer",
  short: "integer",
  long: "integer",
  int64: "integer",
  timespan: "integer",
  double: "double",
  float: "double",
  percent: "double",
  boolean: "boolean",
  date: "date",
  datetime: "datetime",
  time: "time",
  uuid: "uuid",
};

/** The kind that `$long(...)`, `$date(...)` ask for: `any` for `$(...)`, undefined for a type there is not. */
export function kindOfParameter(type: string): Kind | "any" | undefined {
  if (type === "") return "any";
  return Object.hasOwn(parameterKinds, type) ? parameterKinds[type] : undefined;
}

/** `$(name)` has the kind of its value; `$long(name)`, `$date(name)` ... read it as that kind. */
export function readParameter(
  written: string,
  value: ParameterValue,
  wanted: Kind | "any",
): Constant | { readonly problem: string } {
  if (typeof value === "string" && value.length > longestExpression)
    return { problem: `The value of ${written} has more than ${longestExpression} characters.` };
  if (typeof value === "string" && (value.includes("\0") || !value.isWellFormed()))
    return { problem: `The value of ${written} holds a NUL character or half a character.` };
  const read = value instanceof Date ? readMoment(value, wanted) : readValue(value, wanted);
  return read ?? { problem: `The value of ${written} is not ${wanted === "any" ? "usable" : kindNames[wanted]}.` };
}

function readMoment(value: Date, wanted: Kind | "any"): Constant | undefined {
  if (Number.isNaN(value.getTime()) || (wanted !== "any" && wanted !== "datetime")) return undefined;
  return parseDate(value.toISOString());
}

function readValue(value: string | number | boolean, wanted: Kind | "any"): Constant | undefined {
  const kind = wanted === "any" ? kindOfValue(value) : wanted;
  const text = String(value);
  switch (kind) {
    case "text":
      return { kind, value: text, pattern: escapePattern(text) };
    case "integer": {
      const number = parseInteger(text.trim());
      return number === undefined ? undefined : { kind, value: number };
    }
    case "double": {
      const number = Number(value);
      return Number.isFinite(number) && text.trim() !== "" ? { kind, value: number } : undefined;
    }
    case "boolean":
      if (text === "true" || text === "1") return { kind, value: true };
      return text === "false" || text === "0" ? { kind, value: false } : undefined;
    case "date":
    case "datetime": {
      const date = parseDate(text);
      return date?.kind === kind ? date : undefined;
    }
    case "time":
      return parseTime(text);
    case "uuid":
      return parseUuid(text);
    case "document":
    case "binary":
    case "secret":
      return undefined;
  }
}

function kindOfValue(value: string | number | boolean): Kind {
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return "boolean";
  return Number.isSafeInteger(value) ? "integer" : "double";
}

/** In LIKE `\%` and `\_` are literal, any other backslash is a backslash. */
function escapePattern(text: string): string {
  return text.replace(/\\(?![%_\\])/g, "\\\\");
}
