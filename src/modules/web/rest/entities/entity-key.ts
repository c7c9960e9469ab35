/** How one row is addressed: by its primary key (`/recipients/17`), or by another key of its own (`/options/name=Colors`). */

import { isPostriderError } from "#foundation/errors.ts";
import { readValue } from "#datamodel/write/parse-value.ts";
import type { QueryOptions } from "#datamodel/query-def/query-options.ts";
import { type Field, findField, writtenPath } from "#schemas/fields.ts";
import type { Schema } from "#schemas/schema.ts";

import { jsonPath } from "./row-shape.ts";

export type KeyValue = string | number;

export type EntityKey = { readonly fields: readonly Field[]; readonly values: readonly KeyValue[] };

/**
 * Reads the part of an address that names a row, still percent-encoded: values of the primary key with commas between, or
 * `field=value` pairs of one of the entity's keys.
 * @returns undefined when it can be no row's
 */
export function readKey(schema: Schema, segment: string): EntityKey | undefined {
  const parts = segment.split(",");
  const isNamed = parts.every((part) => part.includes("="));
  const pairs = isNamed ? parts.map((part) => part.split("=", 2)) : [];
  const names = isNamed ? pairs.map(([name]) => decode(name)) : schema.keys[0].attributes;
  const texts = isNamed ? pairs.map(([, text]) => decode(text)) : parts.map(decode);
  if (isNamed && !schema.keys.some(({ attributes }) => isSameSet(attributes, names))) return undefined;
  if (names.length !== texts.length) return undefined;
  const fields = names.map((name) => (name === undefined ? undefined : findField(schema, name)));
  const values = fields.map((field, index) => (field === undefined ? undefined : readPart(field, texts[index])));
  const isWhole = fields.every((field) => field !== undefined) && values.every((value) => value !== undefined);
  return isWhole && fields.length > 0 ? { fields, values } : undefined;
}

/** The part of an address that names the row with this primary key. */
export function writeKey(values: readonly KeyValue[]): string {
  return values.map((value) => encodeURIComponent(String(value))).join(",");
}

/** The key as conditions of a query. */
export function keyConditions({ fields, values }: EntityKey): {
  where: { kind: "expression"; expr: string }[];
  parameters: NonNullable<QueryOptions["parameters"]>;
} {
  const where = fields.map((field, index) => ({
    kind: "expression" as const,
    expr: `[${writtenPath(field)}] = ${field.type === "date" ? "$date" : "$"}(key${index})`,
  }));
  return { where, parameters: Object.fromEntries(values.map((value, index) => [`key${index}`, value])) };
}

/** The values of the primary key in an object that was answered. */
export function keyOfRow(schema: Schema, row: Readonly<Record<string, unknown>>): KeyValue[] {
  return schema.keys[0].attributes.map((path) => {
    let value: unknown = row;
    for (const step of jsonPath(path))
      value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[step] : undefined;
    return typeof value === "number" ? value : String(value);
  });
}

function readPart({ path, declaration, type }: Field, text: string | undefined): KeyValue | undefined {
  if (text === undefined || text === "" || "expression" in declaration) return undefined;
  if (type === "blob" || type === "json" || type === "xml" || type === "datetime") return undefined;
  try {
    const value = readValue(path, declaration, text, {});
    return typeof value === "string" || typeof value === "number" ? value : undefined;
  } catch (error) {
    if (isPostriderError(error)) return undefined;
    throw error;
  }
}

function isSameSet(attributes: readonly string[], names: readonly (string | undefined)[]): boolean {
  return attributes.length === names.length && attributes.every((name) => names.includes(name));
}

function decode(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
