/** Inserts new rows, each set of keys with one statement. */

import { sql, type SqlFragment } from "#foundation/sql.ts";

import { columnOf } from "../column-of.ts";
import { type HandedColumn, handedField, handedTable } from "./columns.ts";
import { documentValue } from "./field-value.ts";
import type { Row } from "./row.ts";
import { keyText } from "./row-index.ts";
import { dataAttribute, isDataDocument, isDataField, type SchemaPlan } from "./schema-plan.ts";
import type { Session } from "./session.ts";

/**
 * Inserts rows that are complete. Rows that were looked for by a unique key give way to others of the same key.
 * @returns those that gave way
 */
export async function insertRows(session: Session, plan: SchemaPlan, rows: readonly Row[]): Promise<Set<Row>> {
  const overtaken = new Set<Row>();
  const byKey = new Map<readonly string[] | undefined, Row[]>();
  for (const row of rows) {
    const group = byKey.get(row.contested);
    if (group === undefined) byKey.set(row.contested, [row]);
    else group.push(row);
  }
  for (const [key, group] of byKey) {
    const inserted = await insertGroup(session, plan, inKeyOrder(plan, key, group), key);
    if (inserted.size === group.length) continue;
    for (const row of group) if (!inserted.has(primaryText(plan, row))) overtaken.add(row);
  }
  return overtaken;
}

/** In the same order whoever inserts, so that two with the same keys never wait for each other. */
function inKeyOrder(plan: SchemaPlan, key: readonly string[] | undefined, rows: readonly Row[]): readonly Row[] {
  const paths = key ?? plan.primary;
  if (rows.length < 2 || (paths.length === 1 && paths[0] === plan.sequenced)) return rows;
  return rows
    .map((row) => ({ row, text: keyText(paths.map((path) => row.changes.get(path))) ?? "" }))
    .toSorted((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ row }) => row);
}

function primaryText(plan: SchemaPlan, row: Row): string {
  return keyText(plan.primary.map((path) => row.changes.get(path))) ?? "";
}

async function insertGroup(
  { tx }: Session,
  plan: SchemaPlan,
  rows: readonly Row[],
  key: readonly string[] | undefined,
): Promise<{ has(text: string): boolean; readonly size: number }> {
  const columns = columnsFor(plan, rows);
  const handed = handedTable(
    "x",
    columns.map(({ handed }) => handed),
  );
  const into = sql.join(columns.map(({ column }) => sql.id(column)));
  const values = sql.join(columns.map(({ value }) => value));
  const insert = sql`insert into ${sql.table(plan.schema.table)} (${into}) select ${values} from ${handed}`;
  if (key === undefined) {
    await tx.run`${insert}`;
    return { has: () => true, size: rows.length };
  }
  const conflict = sql.join(key.map((path) => sql.id(columnOf(plan.schema, path))));
  const primary = plan.primary.map(
    (path, index) => sql`${sql.id(columnOf(plan.schema, path))} as ${sql.id(`p${index}`)}`,
  );
  const inserted = await tx.rows((row) => row as Readonly<Record<string, unknown>>)`
    ${insert} on conflict (${conflict}) do nothing returning ${sql.join(primary)}`;
  if (inserted.length === rows.length) return { has: () => true, size: rows.length };
  return new Set(inserted.map((row) => plan.primary.map((_, index) => String(row[`p${index}`])).join("\u0001")));
}

type InsertedColumn = { readonly column: string; readonly value: SqlFragment; readonly handed: HandedColumn };

/** Every column that at least one row gives; in the others it takes its default. */
function columnsFor(plan: SchemaPlan, rows: readonly Row[]): InsertedColumn[] {
  const paths = new Set(rows.flatMap(({ changes }) => [...changes.keys()]));
  const columns: InsertedColumn[] = [];
  for (const path of paths) {
    if (isDataField(plan, path) || isDataDocument(plan, path) || isGenerated(plan, path)) continue;
    const name = `c${columns.length}`;
    const value = sql.id("x", name);
    const isMoment = plan.schema.attributes[path]?.default === "now";
    columns.push({
      column: columnOf(plan.schema, path),
      value: isMoment ? sql`coalesce(${value}, now())` : value,
      handed: handedField(
        plan,
        path,
        name,
        rows.map(({ changes }) => changes.get(path)),
      ),
    });
  }
  if (plan.schema.dataFields !== undefined) {
    columns.push({
      column: columnOf(plan.schema, dataAttribute),
      value: sql.id("x", "data"),
      handed: { name: "data", type: "jsonb", values: rows.map((row) => documentOf(plan, row)) },
    });
  }
  return columns;
}

/** The data fields of a new row; what is null is not in it. */
function documentOf(plan: SchemaPlan, { changes }: Row): string {
  const members = [...changes].filter(([path, value]) => isDataField(plan, path) && value !== null);
  return JSON.stringify(Object.fromEntries(members.map(([path, value]) => [path, documentValue(value)])));
}

/** PostgreSQL works it out itself. */
function isGenerated({ schema }: SchemaPlan, path: string): boolean {
  return schema.attributes[path]?.computed !== undefined;
}
