/** Turns rows of an answer into JSON: groups and links nested, enumerations by name, moments in ISO 8601. */

import type { ResultColumn, ResultRow } from "#datamodel/query-def/query-def.ts";

export type JsonRow = { [name: string]: unknown };

type Place = { readonly steps: readonly string[]; readonly last: string; readonly column: ResultColumn };

/** @returns what turns one row into an object */
export function rowShape(columns: readonly ResultColumn[]): (row: ResultRow) => JsonRow {
  const places = columns.map(placeOf);
  const writers = columns.map(writerOf);
  return (row) => {
    const object = emptyRow();
    for (const [index, { steps, last }] of places.entries()) {
      const place = steps.reduce(descend, object);
      place[last] = writers[index]?.(row[index]) ?? null;
    }
    return object;
  };
}

/** No prototype: whatever a field is called, it is a field. */
function emptyRow(): JsonRow {
  return Object.create(null) as JsonRow;
}

function placeOf(column: ResultColumn): Place {
  const steps = jsonPath(column.path);
  return { steps: steps.slice(0, -1), last: steps.at(-1) ?? "", column };
}

/** `folder/@name` is `name` in `folder`. */
export function jsonPath(path: string): string[] {
  return path.replaceAll("@", "").split("/");
}

function descend(object: JsonRow, step: string): JsonRow {
  const there = object[step];
  if (typeof there === "object" && there !== null && !Array.isArray(there)) return there as JsonRow;
  const made = emptyRow();
  object[step] = made;
  return made;
}

function writerOf(column: ResultColumn): (value: unknown) => unknown {
  const { nested, enumeration } = column;
  if (nested !== undefined) {
    const shape = rowShape(nested);
    return (rows) => (Array.isArray(rows) ? rows.map((row) => shape(row as ResultRow)) : []);
  }
  if (enumeration !== undefined) {
    const names = new Map<unknown, string>(enumeration.values.map(({ name, value }) => [value, name]));
    return (value) => names.get(value) ?? plain(value);
  }
  return plain;
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  // JSON knows integers of any length; JavaScript's numbers do not.
  if (typeof value === "bigint") return rawJson(String(value));
  // Infinity stands for moments without an end; JSON has no word for it.
  return typeof value === "number" && !Number.isFinite(value) ? null : value;
}

/** Stands in what is made to JSON as the text itself; the compiler's libraries do not know it yet. */
function rawJson(text: string): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);
}
