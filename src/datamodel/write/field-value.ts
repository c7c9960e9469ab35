/** Values of fields between their parsing and the database. */

import type { Attribute, AttributeType, DataField } from "#schemas/schema.ts";

/** A document of a `json` field, apart from the plain values. */
export type JsonValue = { readonly json: unknown };

/** A bigint only where a number would not be exact; dates, times, ids and XML as text. */
export type FieldValue = null | string | number | bigint | boolean | Date | Uint8Array | JsonValue;

/** True for null, an empty text and, in a number, 0: what leads nowhere and finds nothing. */
export function isEmpty(value: FieldValue | undefined): boolean {
  return value === undefined || value === null || value === "" || value === 0;
}

/** True when both say the same, to the millisecond; a document is the same whatever the order of its members. */
export function isSameValue(one: FieldValue, other: FieldValue): boolean {
  return one === other || comparable(one) === comparable(other);
}

/** A text that is equal for equal values, for maps and comparisons. */
export function comparable(value: FieldValue): string {
  if (value === null) return "";
  if (value instanceof Date) return String(value.getTime());
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (typeof value === "object") return JSON.stringify(inOrder(value.json)) ?? "";
  return String(value);
}

/** Members in the order of their names, as two documents are compared. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, inOrder(member)]),
  );
}

/** What a field becomes that is emptied: null, or where its column takes no null the zero of its type. */
export function emptyValue(declaration: Attribute | DataField): FieldValue {
  const isNullable = declaration.default === undefined && declaration.required !== true;
  if (isNullable && !("sequenceCache" in declaration && declaration.sequenceCache !== undefined)) return null;
  return zeroOf(declaration.type);
}

/** The value that stands for nothing in a column without nulls; null where a type has none. */
export function zeroOf(type: AttributeType): FieldValue {
  switch (type) {
    case "byte":
    case "short":
    case "long":
    case "int64":
    case "double":
    case "timespan":
      return 0;
    case "boolean":
      return false;
    case "string":
    case "memo":
    case "xml":
      return "";
    case "json":
      return { json: {} };
    case "date":
    case "datetime":
    case "time":
    case "uuid":
    case "blob":
      return null;
  }
}

/**
 * The value that a new row gets where none is given. Undefined when the field has none, and for the moment of writing,
 * which the statement knows.
 */
export function defaultValue({ type, default: given }: Attribute | DataField): FieldValue | undefined {
  if (given === undefined || (type === "datetime" && given === "now")) return undefined;
  return type === "json" ? { json: JSON.parse(String(given)) as unknown } : given;
}

/** As it stands in a message; empty for null. */
export function plainText(value: FieldValue | undefined): string {
  if (value === undefined) return "";
  return value instanceof Date ? value.toISOString() : comparable(value);
}

/** As PostgreSQL reads it in an array of texts. */
export function databaseText(value: FieldValue): string | null {
  if (value === null) return null;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString("hex")}`;
  if (typeof value === "object") return JSON.stringify(value.json ?? null);
  return String(value);
}

/** As it stands in the row's document, for data fields, and in the audit trail. */
export function documentValue(value: FieldValue): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (typeof value === "bigint") return String(value);
  return typeof value === "object" && value !== null ? value.json : value;
}
