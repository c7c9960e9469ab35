/** Writes a value as the text that clients of Classic read. */

import type { AttributeType } from "#schemas/schema.ts";

/** Numbers are 0 where there is none, everything else is empty. */
const numbers: ReadonlySet<AttributeType> = new Set(["boolean", "byte", "short", "long", "int64", "double"]);

/** `2024-02-29 10:11:12.000Z` for moments, 1 and 0 for booleans. */
export function writeValue(type: AttributeType, value: unknown): string {
  if (value === null || value === undefined) return numbers.has(type) ? "0" : "";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "" : value.toISOString().replace("T", " ");
  if (typeof value === "boolean") return value ? "1" : "0";
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (typeof value === "object") return JSON.stringify(value);
  return typeof value === "string" ? value : `${value as number | bigint}`;
}
