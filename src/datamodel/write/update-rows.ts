/** Changes rows that are there: one statement, whichever fields each of them changes. */

import { sql, type SqlFragment } from "#foundation/sql.ts";

import { columnOf } from "../column-of.ts";
import { type HandedColumn, handedField, handedTable } from "./columns.ts";
import { rowChanged } from "./errors.ts";
import { documentValue } from "./field-value.ts";
import type { Row } from "./row.ts";
import { dataAttribute, isDataDocument, isDataField, type SchemaPlan } from "./schema-plan.ts";
import type { Session } from "./session.ts";

/**
 * Stores the changes of rows, and who made them when.
 * @throws rowChanged when a row is no longer there
 */
export async function updateRows(session: Session, plan: SchemaPlan, rows: readonly Row[]): Promise<void> {
  const changed = rows.filter(({ changes }) => changes.size > 0);
  if (changed.length === 0) return;
  const columns = changedColumns(plan, changed);
  const handed = handedTable("x", [
    ...plan.primary.map((path, at) =>
      handedField(
        plan,
        path,
        `p${at}`,
        changed.map(({ stored }) => stored.get(path)),
      ),
    ),
    ...columns.flatMap(({ handed }) => handed),
  ]);
  const same = plan.primary.map((path, at) => sql`t.${sql.id(columnOf(plan.schema, path))} = x.${sql.id(`p${at}`)}`);
  const assignments = [
    ...columns.map(({ column, value }) => sql`${sql.id(column)} = ${value}`),
    ...stampsFor(session, plan),
  ];
  const count = await session.tx.run`
    update ${sql.table(plan.schema.table)} as t set ${sql.join(assignments)} from ${handed} where ${sql.join(same, sql` and `)}`;
  if (count !== changed.length) throw rowChanged({ schema: plan.id });
}

function stampsFor({ viewer }: Session, plan: SchemaPlan): SqlFragment[] {
  return [...plan.stamps].flatMap(([path, stamp]) => {
    if (stamp === "modified") return [sql`${sql.id(columnOf(plan.schema, path))} = now()`];
    return stamp === "modifiedBy" ? [sql`${sql.id(columnOf(plan.schema, path))} = ${viewer.operatorId}::bigint`] : [];
  });
}

type ChangedColumn = {
  readonly column: string;
  readonly value: SqlFragment;
  readonly handed: readonly HandedColumn[];
};

/** Where not every row changes a field, a second array says which do. */
function changedColumns(plan: SchemaPlan, rows: readonly Row[]): ChangedColumn[] {
  const paths = new Set(rows.flatMap(({ changes }) => [...changes.keys()]));
  const columns: ChangedColumn[] = [];
  for (const path of paths) {
    if (isDataField(plan, path) || isDataDocument(plan, path) || plan.stamps.get(path)?.startsWith("modified") === true)
      continue;
    const name = `c${columns.length}`;
    const column = columnOf(plan.schema, path);
    const given = handedField(
      plan,
      path,
      name,
      rows.map(({ changes }) => changes.get(path)),
    );
    if (rows.every(({ changes }) => changes.has(path))) {
      columns.push({ column, value: sql.id("x", name), handed: [given] });
      continue;
    }
    const has = {
      name: `${name}_given`,
      type: "boolean",
      values: rows.map(({ changes }) => String(changes.has(path))),
    };
    columns.push({
      column,
      value: sql`case when x.${sql.id(has.name)} then x.${sql.id(name)} else t.${sql.id(column)} end`,
      handed: [given, has],
    });
  }
  if ([...paths].some((path) => isDataField(plan, path))) columns.push(changedDocument(plan, rows));
  return columns;
}

/** Members that are given replace those that are there; an emptied one goes. */
function changedDocument(plan: SchemaPlan, rows: readonly Row[]): ChangedColumn {
  const column = columnOf(plan.schema, dataAttribute);
  const members = rows.map(({ changes }) => [...changes].filter(([path]) => isDataField(plan, path)));
  const set = members.map((all) =>
    JSON.stringify(
      Object.fromEntries(all.flatMap(([path, value]) => (value === null ? [] : [[path, documentValue(value)]]))),
    ),
  );
  const cut = members.map((all) => JSON.stringify(all.flatMap(([path, value]) => (value === null ? [path] : []))));
  return {
    column,
    value: sql`(t.${sql.id(column)} || x.data_set) - array(select jsonb_array_elements_text(x.data_cut))`,
    handed: [
      { name: "data_set", type: "jsonb", values: set },
      { name: "data_cut", type: "jsonb", values: cut },
    ],
  };
}
