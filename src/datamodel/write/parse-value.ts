/** Reads what a client sent for a field, by the field's type. */

import type { Field } from "#schemas/fields.ts";
import type { Attribute, DataField } from "#schemas/schema.ts";

import { parseDate } from "../expression/parse-date.ts";
import type { RawValue } from "./entity-input.ts";
import { invalidValue } from "./errors.ts";
import { emptyValue, type FieldValue } from "./field-value.ts";
import { momentInZone } from "./moment-in-zone.ts";

export type ParseOptions = {
  /** The schema's name, for messages. */
  readonly schema?: string;
  /** Of dates that name no zone; UTC when not given. */
  readonly timezone?: string;
};

/** What is declared of a value: enough to read it. */
export type Readable = Attribute | DataField;

/**
 * Reads a value; null and an empty text empty the field.
 * @throws invalidValue naming the field
 */
export function parseValue(field: Field, raw: RawValue, options: ParseOptions = {}): FieldValue {
  if (field.kind === "computed")
    throw invalidValue({ schema: options.schema ?? "", field: field.path, problem: "it is computed" });
  return readValue(field.path, field.declaration, raw, options);
}

/** The same for a value that is declared without being a field of a schema. */
export function readValue(path: string, declaration: Readable, raw: RawValue, options: ParseOptions): FieldValue {
  if (raw === null || raw === "") return emptyValue(declaration);
  const value = read(declaration, raw, options.timezone ?? "UTC");
  if (!isProblem(value)) return value;
  throw invalidValue({ schema: options.schema ?? "", field: path, problem: value.problem });
}

type Problem = { readonly problem: string };

function isProblem(value: FieldValue | Problem): value is Problem {
  return typeof value === "object" && value !== null && "problem" in value;
}

function read(declaration: Readable, raw: string | number | boolean, timezone: string): FieldValue | Problem {
  const text = typeof raw === "string" ? raw : String(raw);
  if (text.includes("\0")) return { problem: "it holds a NUL character" };
  if (!text.isWellFormed()) return { problem: "it holds half of a surrogate pair" };
  switch (declaration.type) {
    case "string":
    case "memo":
    case "xml":
      return readText(declaration, text);
    case "boolean":
      return readBoolean(text);
    case "byte":
    case "short":
    case "long":
    case "int64":
    case "timespan":
      return readInteger(declaration, text);
    case "double":
      return readDouble(text);
    case "date":
      return readDay(text);
    case "datetime":
      return readMoment(text, timezone);
    case "time":
      return readTime(text);
    case "uuid":
      return readUuid(text);
    case "blob":
      return readBytes(text);
    case "json":
      return readJson(text);
  }
}

const longestText = 20_000_000;

function readText({ length, enumeration }: Readable, text: string): string | Problem {
  const most = length ?? longestText;
  // A character beyond U+FFFF has two units: only then is it worth counting.
  if (text.length > most && (text.length > 2 * most || Array.from(text).length > most))
    return { problem: `it has more than ${most} characters` };
  if (enumeration === undefined) return text;
  const found = enumeration.values.find(({ value, name }) => value === text || name === text);
  return found === undefined
    ? { problem: `it is none of ${enumeration.values.map(({ value }) => value).join(", ")}` }
    : String(found.value);
}

function readBoolean(text: string): boolean | Problem {
  const word = text.trim().toLowerCase();
  if (word === "true" || word === "1") return true;
  if (word === "false" || word === "0") return false;
  return { problem: "it is neither true nor false" };
}

const ranges = {
  byte: [-128n, 127n],
  short: [-32_768n, 32_767n],
  long: [-2_147_483_648n, 2_147_483_647n],
  int64: [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
  timespan: [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
} as const;

/** A value of an enumeration may be given by its name. */
function readInteger({ type, enumeration }: Readable, text: string): number | bigint | Problem {
  const written = text.trim();
  if (!/^[+-]?\d{1,20}(?:\.0+)?$/.test(written)) {
    const named = enumeration?.values.find(({ name }) => name === written);
    return typeof named?.value === "number" ? named.value : { problem: "it is no whole number" };
  }
  const exact = BigInt(written.replace(/\.0+$/, "").replace(/^\+/, ""));
  const [least, most] = ranges[type as keyof typeof ranges];
  if (exact < least || exact > most) return { problem: `it is not between ${least} and ${most}` };
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}

function readDouble(text: string): number | Problem {
  const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : { problem: "it is no number" };
}

/** SDK clients send a day as the moment at which it begins in UTC. */
function readDay(text: string): string | Problem {
  const found = parseDate(text.trim());
  if (found === undefined || typeof found.value !== "string") return { problem: "it is no date; write 2024-02-29" };
  return found.value.slice(0, 10);
}

function readMoment(text: string, timezone: string): Date | Problem {
  const found = parseDate(text.trim());
  const problem = { problem: "it is no date and time; write 2024-02-29T10:11:12Z" };
  if (found === undefined || typeof found.value !== "string") return problem;
  const value = found.kind === "date" ? `${found.value}T00:00:00` : found.value;
  const hasZone = found.kind === "datetime" && found.hasZone;
  const moment = hasZone ? new Date(value.replace(/([+-]\d\d)(\d\d)$/, "$1:$2")) : momentInZone(value, timezone);
  return Number.isNaN(moment.getTime()) || moment.getUTCFullYear() > 9999 || moment.getUTCFullYear() < 1
    ? problem
    : moment;
}

function readTime(text: string): string | Problem {
  const found = /^(?:\d{4}-\d\d-\d\dT)?([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,6})\d*)?)?Z?$/i.exec(
    text.trim(),
  );
  if (found === null) return { problem: "it is no time of day; write 10:11:12" };
  const [, hour = "", minute = "", second = "00", fraction = ""] = found;
  const trimmed = fraction.replace(/0+$/, "");
  return `${hour.padStart(2, "0")}:${minute}:${second}${trimmed === "" ? "" : `.${trimmed}`}`;
}

function readUuid(text: string): string | Problem {
  const written = text
    .trim()
    .toLowerCase()
    .replace(/^\{(.*)\}$/, "$1");
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(written) ? written : { problem: "it is no UUID" };
}

function readBytes(text: string): Uint8Array | Problem {
  const compact = text.replace(/\s+/g, "");
  return /^[A-Za-z0-9+/]*={0,2}$/.test(compact) ? Buffer.from(compact, "base64") : { problem: "it is not Base64" };
}

/** PostgreSQL stores neither NUL nor halves of surrogate pairs, which JSON can write as escapes. */
function readJson(text: string): FieldValue | Problem {
  let isStorable = true;
  const check = (part: string): boolean => part.isWellFormed() && !part.includes("\0");
  try {
    const json: unknown = JSON.parse(text, (name, value: unknown) => {
      isStorable &&= check(name) && (typeof value !== "string" || check(value));
      return value;
    });
    return isStorable ? { json } : { problem: "it holds a NUL character or half of a surrogate pair" };
  } catch {
    return { problem: "it is no JSON" };
  }
}
