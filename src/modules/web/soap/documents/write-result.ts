/** Writes what a query found as XML: each value at its path, rows behind links as elements within. */

import { documentForms } from "#campaign/entities/documents.ts";
import type { QueryDef, QueryResult, ResultColumn, ResultRow } from "#datamodel/query-def/query-def.ts";
import { readXml } from "#protocols/soap/read-xml.ts";
import { anElement, type XmlElement } from "#protocols/soap/xml-element.ts";
import { type Schema, schemaId } from "#schemas/schema.ts";

import { aDraft, childDraft, type Draft, finish } from "./draft-element.ts";
import { writeValue } from "./write-value.ts";

/**
 * Writes a result: `<recipient-collection>` of rows, one `<recipient>` for `get` and `getIfExists` (an empty one when there
 * is none), `<recipient count="3"/>` for `count`.
 */
export function writeResult(result: QueryResult, operation: QueryDef["operation"]): XmlElement {
  const { name } = result.schema;
  if (result.kind === "count") return anElement(name, { count: result.count });
  const { columns, rows, schema } = result;
  const places = columns.map(placeOf);
  const write = (row: ResultRow): XmlElement => writeValues(schema, places, row, name);
  if (operation === "select") return anElement(`${name}-collection`, {}, ...rows.map(write));
  const [row] = rows;
  return row === undefined ? anElement(name) : write(row);
}

/** Writes one row as an element of a name. */
export function writeRow({
  schema,
  columns,
  row,
  name,
}: {
  schema: Schema;
  columns: readonly ResultColumn[];
  row: ResultRow;
  name: string;
}): XmlElement {
  return writeValues(schema, columns.map(placeOf), row, name);
}

/** Where the values of a column stand in each row. */
type Place = {
  readonly column: ResultColumn;
  /** Names of the elements that lead there. */
  readonly steps: readonly string[];
  /** The name of the attribute or element; an attribute's without its `@`. */
  readonly last: string;
  readonly isAttribute: boolean;
};

function placeOf(column: ResultColumn): Place {
  const steps = column.path.split("/").filter((step) => step !== "" && step !== "." && step !== "..");
  const last = steps.pop() ?? "";
  const isAttribute = last.startsWith("@") && column.nested === undefined;
  return { column, steps, last: isAttribute ? last.slice(1) : last, isAttribute };
}

function writeValues(schema: Schema, places: readonly Place[], row: ResultRow, name: string): XmlElement {
  const root = aDraft(name);
  places.forEach((place, index) => {
    const { column, steps, last, isAttribute } = place;
    const parent = steps.length === 0 ? root : steps.reduce(childDraft, root);
    const value = row[index];
    if (isAttribute) parent.attributes.set(last, writeValue(column.type, value));
    else if (column.nested === undefined) placeElement(schema, parent, column, { name: last, value });
    else placeRows(schema, parent, column.nested, { name: last, rows: Array.isArray(value) ? value : [] });
  });
  return finish(root);
}

function placeRows(
  schema: Schema,
  parent: Draft,
  columns: readonly ResultColumn[],
  { name, rows }: { name: string; rows: readonly unknown[] },
): void {
  for (const row of rows) if (Array.isArray(row)) parent.content.push(writeRow({ schema, columns, row, name }));
}

function placeElement(
  schema: Schema,
  parent: Draft,
  { type, path }: ResultColumn,
  { name, value }: { name: string; value: unknown },
): void {
  const empty = value === null || value === undefined || value === "";
  if (type === "xml" && typeof value === "string" && !empty) {
    const whole = readXml(value);
    if (path === schema.documentAttribute) inline(parent, whole);
    else parent.content.push({ ...whole, name });
    return;
  }
  const form = type === "json" ? documentForms.get(`${schemaId(schema)}#${path}`) : undefined;
  if (form !== undefined && !empty) {
    parent.content.push(form.toXml(name, typeof value === "string" ? JSON.parse(value) : value));
    return;
  }
  childDraft(parent, name).content.push(...(empty ? [] : [writeValue(type, value)]));
}

/** A stored document stands in the answer as its client wrote it: its own attributes and elements, not one element more. */
function inline(parent: Draft, whole: XmlElement): void {
  for (const [name, value] of whole.attributes) if (!parent.attributes.has(name)) parent.attributes.set(name, value);
  parent.content.push(...whole.content);
}
