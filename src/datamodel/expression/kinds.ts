/** Which kinds of values an expression may hold side by side, and how one becomes another. */

import type { AttributeType } from "#schemas/schema.ts";

import type { Kind, Typed } from "./typed.ts";

/** A kind in words, for messages. */
export const kindNames: Readonly<Record<Kind, string>> = {
  text: "a text",
  integer: "a whole number",
  double: "a number",
  boolean: "a condition",
  date: "a date",
  datetime: "a date with time",
};

/** The kind of an attribute's values, or undefined when they cannot be computed with. */
export function kindOf(type: AttributeType): Kind | undefined {
  switch (type) {
    case "string":
    case "memo":
      return "text";
    case "byte":
    case "short":
    case "long":
    case "int64":
      return "integer";
    case "double":
    case "boolean":
    case "date":
    case "datetime":
      return type;
    case "blob":
    case "json":
      return undefined;
  }
}

/**
 * Brings values to one kind: whole numbers to doubles, dates to the moment they begin, 0 and 1 to false and true.
 * @returns undefined when they have nothing in common
 */
export function unify(values: readonly Typed[]): { kind: Kind; values: readonly Typed[] } | undefined {
  const kinds = new Set(values.map(({ kind }) => kind));
  const kind = commonKind(kinds, values);
  if (kind === undefined) return undefined;
  const converted = values.map((value) => convert(value, kind));
  return { kind, values: converted };
}

/** A value as another kind; kinds must have been found by `unify`, or be numbers. */
export function convert(value: Typed, kind: Kind): Typed {
  if (value.kind === kind) return value;
  if (value.node === "constant" && kind === "boolean" && value.constant.kind === "integer") {
    return { node: "constant", kind, constant: { kind, value: value.constant.value === 1 } };
  }
  if (value.node === "constant" && kind === "double" && value.constant.kind === "integer") {
    return { node: "constant", kind, constant: { kind, value: value.constant.value } };
  }
  return { node: "cast", kind, operand: value };
}

function commonKind(kinds: ReadonlySet<Kind>, values: readonly Typed[]): Kind | undefined {
  const [only] = kinds;
  if (kinds.size === 1) return only;
  const isWithin = (...allowed: Kind[]): boolean => [...kinds].every((kind) => allowed.includes(kind));
  if (isWithin("integer", "double")) return "double";
  if (isWithin("date", "datetime")) return "datetime";
  if (isWithin("boolean", "integer")) return values.every(mayBeBoolean) ? "boolean" : "integer";
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
