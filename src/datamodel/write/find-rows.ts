/** Finds the rows that keys mean, and holds them until the transaction ends. */

import type { Statements } from "#foundation/database.ts";
import { sql, type SqlFragment } from "#foundation/sql.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

import { rowRights } from "../rights/row-rights.ts";
import type { Viewer } from "../viewer.ts";
import type { KeyChoice } from "./choose-key.ts";
import { columnOf } from "../column-of.ts";
import { fieldSql, handedField, handedTable, readFields, selectedFields } from "./columns.ts";
import type { FieldValue } from "./field-value.ts";
import { type Row, storedRow } from "./row.ts";
import type { SchemaPlan } from "./schema-plan.ts";

export type Search = {
  readonly plan: SchemaPlan;
  readonly key: KeyChoice;
  /** Values of the key's paths, each combination once. */
  readonly values: readonly (readonly FieldValue[])[];
  /** Paths of what else is read of each row. */
  readonly fields: readonly string[];
  /** What is going to happen to the rows: others wait accordingly. */
  readonly lock: "reference" | "change" | "delete";
};

type Reader = { readonly tx: Statements; readonly schemas: SchemaSet; readonly viewer: Viewer };

const locks = { reference: "for key share", change: "for no key update", delete: "for update" } as const;

/**
 * The row of each combination, undefined where there is none that the viewer may read; the oldest where there are
 * several. Rows are locked in the order of their keys, so that two who want the same rows take turns.
 */
export async function findRows(reader: Reader, search: Search): Promise<(Row | undefined)[]> {
  const { plan, values, fields, lock } = search;
  const found = Array.from<Row | undefined>({ length: values.length });
  if (values.length === 0) return found;
  const right = (purpose: "write" | "delete"): SqlFragment => {
    const rights = rowRights({
      schema: plan.schema,
      schemas: reader.schemas,
      viewer: reader.viewer,
      purpose,
      alias: "t",
    });
    return rights === undefined ? sql`true` : sql`(${rights}) is true`;
  };
  const rows = await reader.tx.rows((row) => row as { n: string | number; may_write: boolean; may_delete: boolean })`
    with found as materialized (${foundKeys(reader, search)})
    select found.n, ${right("write")} as may_write, ${right("delete")} as may_delete, ${selectedFields(plan, fields, "t")}
      from found join ${sql.table(plan.schema.table)} as t on ${samePrimary(plan, "t", "found")} and ${sameKey(search, "t", "found")}
     order by ${sql.join(plan.primary.map((path) => sql.id("t", columnOf(plan.schema, path))))}
       ${sql.raw(locks[lock])} of t`;
  for (const row of rows) {
    found[Number(row.n)] = storedRow(plan, readFields(plan, fields, row), {
      mayWrite: row.may_write,
      mayDelete: row.may_delete,
    });
  }
  return found;
}

/** Number of the combination, its values, and the primary key of the first row that has them. */
function foundKeys({ schemas, viewer }: Reader, search: Search): SqlFragment {
  const { plan, key, values } = search;
  const handed = handedTable("x", [
    ...key.paths.map((path, index) =>
      handedField(
        plan,
        path,
        `k${index}`,
        values.map((combination) => combination[index]),
      ),
    ),
    { name: "n", type: "integer", values: values.map((_, index) => String(index)) },
  ]);
  const rights = rowRights({ schema: plan.schema, schemas, viewer, purpose: "read", alias: "t" });
  const primary = plan.primary.map((path) => sql.id("t", columnOf(plan.schema, path)));
  const selected = sql.join([
    sql.id("x", "n"),
    ...key.paths.map((_, index) => sql.id("x", `k${index}`)),
    ...primary.map((column, index) => sql`${column} as ${sql.id(`p${index}`)}`),
  ]);
  const from = sql`from ${handed} join ${sql.table(plan.schema.table)} as t on ${sameKey(search, "t", "x")}
        where ${rights ?? sql`true`}`;
  return key.isUnique
    ? sql`select ${selected} ${from}`
    : sql`select distinct on (x.n) ${selected} ${from} order by x.n, ${sql.join(primary)}`;
}

/** Asked again of the locked row: it may have changed while we waited for it. */
function sameKey({ plan, key }: Search, alias: string, handed: string): SqlFragment {
  return sql.join(
    key.paths.map((path, index) => sql`${fieldSql(plan, path, alias)} = ${sql.id(handed, `k${index}`)}`),
    sql` and `,
  );
}

function samePrimary(plan: SchemaPlan, alias: string, handed: string): SqlFragment {
  return sql.join(
    plan.primary.map(
      (path, index) => sql`${sql.id(alias, columnOf(plan.schema, path))} = ${sql.id(handed, `p${index}`)}`,
    ),
    sql` and `,
  );
}
