/** Which kinds of values an expression may hold side by side, and how one becomes another. */

import type { Field } from "#schemas/fields.ts";
import type { AttributeType } from "#schemas/schema.ts";

import { parseTime, parseUuid } from "./parse-date.ts";
import type { Constant, Kind, Typed } from "./typed.ts";

/** A kind in words, for messages. */
export const kindNames: Readonly<Record<Kind, string>> = {
  text: "a text",
  integer: "a whole number",
  double: "a number",
  boolean: "a condition",
  date: "a date",
  datetime: "a date with time",
  time: "a time of day",
  uuid: "a UUID",
  document: "a document",
  binary: "binary data",
  secret: "a secret",
};

/** What PostgreSQL calls values of a kind. */
export const sqlTypes: Readonly<Record<Kind, string>> = {
  text: "text",
  integer: "bigint",
  double: "double precision",
  boolean: "boolean",
  date: "date",
  datetime: "timestamptz",
  time: "time",
  uuid: "uuid",
  document: "text",
  binary: "bytea",
  secret: "text",
};

/** The kind of a type's values. */
export function kindOf(type: AttributeType): Kind {
  switch (type) {
    case "string":
    case "memo":
      return "text";
    case "byte":
    case "short":
    case "long":
    case "int64":
    case "timespan":
      return "integer";
    case "xml":
    case "json":
      return "document";
    case "blob":
      return "binary";
    case "boolean":
    case "double":
    case "date":
    case "datetime":
    case "time":
    case "uuid":
      return type;
  }
}

/** The kind of a field's values. */
export function kindOfField({ type, declaration }: Field): Kind {
  return "isSecret" in declaration && declaration.isSecret ? "secret" : kindOf(type);
}

/** True for kinds that can be compared, counted and handed to functions. */
export function isComparable(kind: Kind): boolean {
  return kind !== "document" && kind !== "binary" && kind !== "secret";
}

/**
 * Brings values to one kind: whole numbers to doubles, dates to the moment they begin, 0 and 1 to false and true.
 * @returns undefined when they have nothing in common
 */
export function unify(values: readonly Typed[]): { kind: Kind; values: readonly Typed[] } | undefined {
  const kind = commonKind(new Set(values.map((value) => value.kind)), values);
  if (kind === undefined || !isComparable(kind)) return undefined;
  const converted = values.map((value) => convert(value, kind));
  return { kind, values: converted };
}

/** A value as another kind; kinds must have been found by `unify`, or be such that PostgreSQL's cast is meant. */
export function convert(value: Typed, kind: Kind): Typed {
  if (value.kind === kind) return value;
  const constant = value.node === "constant" ? convertConstant(value.constant, kind) : undefined;
  return constant === undefined ? { node: "cast", kind, operand: value } : { node: "constant", kind, constant };
}

function convertConstant(constant: Constant, kind: Kind): Constant | undefined {
  if (constant.kind === "integer" && kind === "boolean") return { kind, value: constant.value === 1 };
  if (constant.kind === "integer" && kind === "double") return { kind, value: Number(constant.value) };
  if (constant.kind === "boolean" && kind === "integer") return { kind, value: constant.value ? 1 : 0 };
  if (constant.kind === "text" && kind === "time") return parseTime(constant.value);
  if (constant.kind === "text" && kind === "uuid") return parseUuid(constant.value);
  return undefined;
}

function commonKind(kinds: ReadonlySet<Kind>, values: readonly Typed[]): Kind | undefined {
  const [only] = kinds;
  if (kinds.size === 1) return only;
  const isWithin = (...allowed: Kind[]): boolean => [...kinds].every((kind) => allowed.includes(kind));
  if (isWithin("integer", "double")) return "double";
  if (isWithin("date", "datetime")) return "datetime";
  if (isWithin("boolean", "integer")) return values.every(mayBeBoolean) ? "boolean" : "integer";
  if (isWithin("time", "text")) return values.every((value) => mayBe(value, "time")) ? "time" : undefined;
  if (isWithin("uuid", "text")) return values.every((value) => mayBe(value, "uuid")) ? "uuid" : undefined;
  return undefined;
}

/** Classic writes `@blackList = 0`. */
function mayBeBoolean(value: Typed): boolean {
  if (value.kind === "boolean") return true;
  return (
    value.node === "constant" &&
    value.constant.kind === "integer" &&
    (value.constant.value === 0 || value.constant.value === 1)
  );
}

function mayBe(value: Typed, kind: "time" | "uuid"): boolean {
  return value.kind === kind || (value.node === "constant" && convertConstant(value.constant, kind) !== undefined);
}
