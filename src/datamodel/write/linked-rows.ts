/** The rows that hold the key of rows which are being deleted. */

import { sql, type SqlFragment } from "#foundation/sql.ts";
import type { Link } from "#schemas/schema.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

import { compileWhere } from "../compile-where.ts";
import { mayAccess } from "../rights/may-access.ts";
import { rowRights } from "../rights/row-rights.ts";
import { columnOf } from "../column-of.ts";
import { fieldSql, handedField, handedTable, readFields, selectedFields, typeOf } from "./columns.ts";
import { databaseText, emptyValue, type FieldValue } from "./field-value.ts";
import { type Row, storedRow } from "./row.ts";
import { declarationOf, planOf, type SchemaPlan } from "./schema-plan.ts";
import type { Session } from "./session.ts";

export type Children = {
  readonly plan: SchemaPlan;
  /** Paths in the children that hold the key of a parent. */
  readonly paths: readonly string[];
  /** Values of these paths, one combination for each parent. */
  readonly parents: readonly (readonly FieldValue[])[];
  /** Primary keys of rows that are left out. */
  readonly except: readonly (readonly FieldValue[])[];
  /** The link's own condition on the children. */
  readonly where: string | undefined;
  readonly schemas: SchemaSet;
};

/** What a link does to the rows it leads to when a row of its schema goes; with a condition nothing unless it says so. */
export function integrityOf(link: Link): NonNullable<Link["integrity"]> {
  return link.integrity ?? (link.cardinality === "many" && link.where === undefined ? "normal" : "neutral");
}

/** True when nothing but the rows themselves has to be looked at: they need not be read. */
export function isSimple({ rules, viewer, schemas }: Session, plan: SchemaPlan): boolean {
  const { schema, links, id } = plan;
  if (schema.isAudited === true || rules.has(id)) return false;
  if ([...links.values()].some((link) => integrityOf(link) !== "neutral" && planOfTarget(schemas, link) !== undefined))
    return false;
  return deletionRights({ viewer, schemas }, plan) === undefined;
}

function planOfTarget(schemas: Session["schemas"], { target }: Link): SchemaPlan | undefined {
  const schema = schemas.find(target);
  return schema === undefined ? undefined : planOf(schema);
}

/** Logs and other rows that only the server writes go with their owner; whoever deletes him needs no right on them. */
function deletionRights(
  { viewer, schemas }: Pick<Session, "viewer" | "schemas">,
  plan: SchemaPlan,
): SqlFragment | undefined {
  if (!mayAccess(plan.schema, viewer, "write")) return undefined;
  return rowRights({ schema: plan.schema, schemas, viewer, purpose: "delete", alias: "t" });
}

/** Reads children and holds them. */
export async function findChildren(
  session: Session,
  children: Children,
  fields: readonly string[],
  limit: number,
): Promise<Row[]> {
  const { plan } = children;
  const rights = deletionRights(session, plan);
  const rows = await session.tx.rows((row) => row as { may_delete: boolean })`
    select ${rights === undefined ? sql`true` : sql`(${rights}) is true`} as may_delete, ${selectedFields(plan, fields, "t")}
      from ${sql.table(plan.schema.table)} as t where ${condition(children)}
     order by ${sql.join(plan.primary.map((path) => fieldSql(plan, path, "t")))} limit ${limit}::integer for update of t`;
  return rows.map((row) =>
    storedRow(plan, readFields(plan, fields, row), { mayWrite: true, mayDelete: row.may_delete }),
  );
}

/** True when there is any. */
export async function hasChildren({ tx }: Session, children: Children): Promise<boolean> {
  const { plan } = children;
  return (
    (await tx.first(
      () => true,
    )`select from ${sql.table(plan.schema.table)} as t where ${condition(children)} limit 1`) ?? false
  );
}

/** Deletes children on which nothing depends. */
export async function deleteChildren({ tx }: Session, children: Children): Promise<void> {
  await tx.run`delete from ${sql.table(children.plan.schema.table)} as t where ${condition(children)}`;
}

/** Makes children belong to nobody. */
export async function cutLinks({ tx }: Session, children: Children): Promise<void> {
  const { plan, paths } = children;
  const assignments = paths.map((path) => {
    const declaration = declarationOf(plan, path);
    const empty = declaration === undefined ? null : emptyValue(declaration);
    return sql`${sql.id(columnOf(plan.schema, path))} = ${databaseText(empty)}::${sql.raw(typeOf(plan, path))}`;
  });
  await tx.run`update ${sql.table(plan.schema.table)} as t set ${sql.join(assignments)} where ${condition(children)}`;
}

/** A list of one column is compared as an array, which an index serves. */
function condition({ plan, paths, parents, except, where, schemas }: Children): SqlFragment {
  const conditions = [isAmong(plan, paths, parents)];
  if (except.length > 0) conditions.push(sql`not (${isAmong(plan, plan.primary, except)})`);
  if (where !== undefined) conditions.push(meets(plan, where, schemas));
  return sql.join(conditions, sql` and `);
}

function meets(plan: SchemaPlan, expression: string, schemas: SchemaSet): SqlFragment {
  const { from, where } = compileWhere(plan.schema, expression, { alias: "c", schemas });
  const same = plan.primary.map((path) => sql`${fieldSql(plan, path, "c")} = ${fieldSql(plan, path, "t")}`);
  return sql`exists (select from ${from} where ${sql.join(same, sql` and `)} and ${where})`;
}

function isAmong(plan: SchemaPlan, paths: readonly string[], combinations: Children["parents"]): SqlFragment {
  const columns = paths.map((path, at) =>
    handedField(
      plan,
      path,
      `k${at}`,
      combinations.map((combination) => combination[at]),
    ),
  );
  const fields = sql.join(paths.map((path) => fieldSql(plan, path, "t")));
  return sql`(${fields}) in (select * from ${handedTable("x", columns)})`;
}
