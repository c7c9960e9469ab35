/** How fields stand in statements: their columns, their types, arrays of their values, and what comes back. */

import { sql, type SqlFragment } from "#foundation/sql.ts";

import type { AttributeType } from "#schemas/schema.ts";

import { columnTypes } from "../column-types.ts";
import { columnOf } from "../column-of.ts";
import { databaseText, type FieldValue } from "./field-value.ts";
import { dataAttribute, declarationOf, isDataField, type SchemaPlan } from "./schema-plan.ts";

/** A field's value in a query over its table. */
export function fieldSql(plan: SchemaPlan, path: string, alias: string): SqlFragment {
  if (!isDataField(plan, path)) return sql.id(alias, columnOf(plan.schema, path));
  return sql`(${sql.id(alias, columnOf(plan.schema, dataAttribute))} ->> ${path}::text)`;
}

/** The type under which a field's values are handed over. */
export function typeOf(plan: SchemaPlan, path: string): string {
  const declaration = declarationOf(plan, path);
  return declaration === undefined || isDataField(plan, path) ? "text" : columnTypes[declaration.type];
}

/** Values of one column of a table that a statement is handed. */
export type HandedColumn = {
  readonly name: string;
  /** `bigint`, `text`. */
  readonly type: string;
  readonly values: readonly (string | null)[];
};

/** `unnest($1::bigint[], ...) as x (a, ...)`; each column is one parameter, however many rows there are. */
export function handedTable(alias: string, columns: readonly HandedColumn[]): SqlFragment {
  const arrays = columns.map(({ type, values }) => sql`${arrayText(values)}::${sql.raw(type)}[]`);
  const names = columns.map(({ name }) => sql.id(name));
  return sql`unnest(${sql.join(arrays)}) as ${sql.id(alias)} (${sql.join(names)})`;
}

/** The column of values of a field. */
export function handedField(
  plan: SchemaPlan,
  path: string,
  name: string,
  values: readonly (FieldValue | undefined)[],
): HandedColumn {
  return { name, type: typeOf(plan, path), values: values.map((value) => databaseText(value ?? null)) };
}

/** PostgreSQL's text of an array. Built here since the driver's own takes longer than the statement. */
function arrayText(values: readonly (string | null)[]): string {
  return `{${values.map(elementText).join(",")}}`;
}

function elementText(value: string | null): string {
  if (value === null) return "NULL";
  if (/^[\w.:@+-]+$/.test(value) && value !== "NULL" && value.toUpperCase() !== "NULL") return value;
  return `"${/["\\]/.test(value) ? value.replace(/["\\]/g, "\\$&") : value}"`;
}

/** `t.a as f0, t.b as f1`, in the order of the paths. */
export function selectedFields(plan: SchemaPlan, paths: readonly string[], alias: string): SqlFragment {
  return sql.join(
    paths.map((path, index) => {
      const name = sql.id(`f${index}`);
      if (isDataField(plan, path))
        return sql`(${sql.id(alias, columnOf(plan.schema, dataAttribute))} -> ${path}::text) as ${name}`;
      const column = sql.id(alias, columnOf(plan.schema, path));
      const isLong = plan.schema.attributes[path]?.type === "int64";
      return isLong ? sql`${column}::text as ${name}` : sql`${column} as ${name}`;
    }),
  );
}

/** Reads what `selectedFields` selected. */
export function readFields(plan: SchemaPlan, paths: readonly string[], row: unknown): Map<string, FieldValue> {
  const cells = row as Readonly<Record<string, unknown>>;
  return new Map(
    paths.map((path, index) => [path, storedValue(declarationOf(plan, path)?.type ?? "string", cells[`f${index}`])]),
  );
}

/** A value as the driver answers it, or as it stands in the row's document. */
function storedValue(type: AttributeType, cell: unknown): FieldValue {
  if (cell === null || cell === undefined) return null;
  switch (type) {
    case "json":
      return { json: cell };
    case "int64":
    case "timespan":
      return exactNumber(cell);
    case "datetime":
      return cell instanceof Date ? cell : new Date(cellText(cell));
    case "blob":
      return cell instanceof Uint8Array ? cell : Buffer.from(cellText(cell), "base64");
    case "boolean":
      return cell === true || cell === "true";
    case "byte":
    case "short":
    case "long":
    case "double":
      return Number(cell);
    case "string":
    case "memo":
    case "xml":
    case "date":
    case "time":
    case "uuid":
      return cellText(cell);
  }
}

function cellText(cell: unknown): string {
  return typeof cell === "string" ? cell : JSON.stringify(cell);
}

function exactNumber(cell: unknown): number | bigint {
  const number = Number(cell);
  return Number.isSafeInteger(number) ? number : BigInt(String(cell));
}

/**
 * Primary keys as a table `x` that a statement is handed.
 * @param keys the values of each row's key, in its order
 * @returns isSame: that a row of the schema's table, called `t`, has such a key
 */
export function handedKeys(
  plan: SchemaPlan,
  keys: readonly (readonly (FieldValue | undefined)[])[],
): { readonly handed: SqlFragment; readonly isSame: SqlFragment } {
  const columns = plan.primary.map((path, at) =>
    handedField(
      plan,
      path,
      `p${at}`,
      keys.map((key) => key[at]),
    ),
  );
  const same = plan.primary.map((path, at) => sql`t.${sql.id(columnOf(plan.schema, path))} = x.${sql.id(`p${at}`)}`);
  return { handed: handedTable("x", columns), isSame: sql.join(same, sql` and `) };
}
