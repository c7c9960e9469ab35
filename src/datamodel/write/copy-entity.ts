/** A copy of a stored entity with a key of its own; it is stored when the client writes it. */

import { sql } from "#foundation/sql.ts";
import { fieldsOf } from "#schemas/fields.ts";
import type { Link } from "#schemas/schema.ts";

import { rowRights } from "../rights/row-rights.ts";
import { columnOf } from "../column-of.ts";
import { fieldSql, handedField, handedTable, readFields, selectedFields } from "./columns.ts";
import type { EntityInput, RawValue } from "./entity-input.ts";
import { rowNotFound, tooLarge } from "./errors.ts";
import { databaseText, type FieldValue, plainText } from "./field-value.ts";
import { inSession } from "./in-session.ts";
import { parseValue } from "./parse-value.ts";
import { planFor, requireWriting } from "./read-draft.ts";
import { takeIdsOf } from "./reserve-ids.ts";
import { planOf, type SchemaPlan } from "./schema-plan.ts";
import type { Session } from "./session.ts";
import type { WriteContext } from "./write-context.ts";

const deepest = 10;
const mostChildren = 10_000;

/**
 * Copies an entity with the rows that it owns and that are copied with it. What is reset by a copy, kept by the server or
 * secret is left out; texts of unique keys get the new id.
 * @param key the values of the primary key, in its order
 * @throws unknownSchema, notSaved, rowNotFound, tooLarge
 */
export async function copyEntity(
  context: WriteContext,
  schemaId: string,
  key: readonly (string | number)[],
): Promise<EntityInput> {
  const plan = planFor(context, schemaId);
  requireWriting(context, plan);
  const values = plan.primary.map((path, at) => readKeyValue(plan, path, key[at] ?? null));
  return inSession(context, async (session) => {
    const [copy] = await copyRows(session, plan, plan.primary, values, 0);
    if (copy === undefined) throw rowNotFound({ schema: plan.id, key: key.join(", ") });
    return copy;
  });
}

function readKeyValue(plan: SchemaPlan, path: string, raw: RawValue): FieldValue {
  const field = fieldsOf(plan.schema).find((one) => one.path === path);
  return field === undefined ? null : parseValue(field, raw, { schema: plan.id });
}

/** Copies of the rows that hold some values. */
async function copyRows(
  session: Session,
  plan: SchemaPlan,
  paths: readonly string[],
  values: readonly FieldValue[],
  depth: number,
): Promise<EntityInput[]> {
  if (depth > deepest) throw tooLarge({ problem: `copies within copies go deeper than ${deepest}` });
  const owned = [...plan.links].filter(([, { integrity }]) => integrity === "owncopy");
  const rows = await readRows(session, plan, paths, values, owned);
  const isRoot = depth === 0;
  const ids = plan.sequenced === undefined ? [] : await takeIdsOf(session.tx, plan, rows.length);
  return Promise.all(
    rows.map(async (row, at) => {
      const copied = copiedValues(plan, row, ids[at]);
      // Both are filled in when the copy is written.
      if (!isRoot) for (const path of [...paths, plan.sequenced ?? ""]) copied.delete(path);
      const collections = new Map<string, readonly EntityInput[]>();
      for (const [name, link] of owned) {
        const children = await copyChildren(session, link, row, depth);
        if (children.length > 0) collections.set(name, children);
      }
      return { schema: plan.id, values: copied, links: new Map(), collections };
    }),
  );
}

async function copyChildren(
  session: Session,
  { target, join }: Link,
  row: ReadonlyMap<string, FieldValue>,
  depth: number,
): Promise<EntityInput[]> {
  const schema = session.schemas.find(target);
  if (schema === undefined) return [];
  const values = join.map(({ from }) => row.get(from) ?? null);
  return copyRows(
    session,
    planOf(schema),
    join.map(({ to }) => to),
    values,
    depth + 1,
  );
}

async function readRows(
  { tx, schemas, viewer }: Session,
  plan: SchemaPlan,
  paths: readonly string[],
  values: readonly FieldValue[],
  owned: readonly (readonly [string, Link])[],
): Promise<Map<string, FieldValue>[]> {
  const fields = [
    ...new Set([
      ...copiedPaths(plan),
      ...plan.primary,
      ...owned.flatMap(([, { join }]) => join.map(({ from }) => from)),
    ]),
  ];
  const handed = handedTable(
    "x",
    paths.map((path, at) => handedField(plan, path, `k${at}`, [values[at]])),
  );
  const same = paths.map((path, at) => sql`${fieldSql(plan, path, "t")} = ${sql.id("x", `k${at}`)}`);
  const rights = rowRights({ schema: plan.schema, schemas, viewer, purpose: "read", alias: "t" });
  const rows = await tx.rows((row) => readFields(plan, fields, row))`
    select ${selectedFields(plan, fields, "t")} from ${handed} join ${sql.table(plan.schema.table)} as t on ${sql.join(same, sql` and `)}
     where ${rights ?? sql`true`}
     order by ${sql.join(plan.primary.map((path) => sql.id("t", columnOf(plan.schema, path))))} limit ${mostChildren + 1}::integer`;
  if (rows.length > mostChildren) throw tooLarge({ problem: `more than ${mostChildren} rows would be copied` });
  return rows;
}

/** Fields that a client may write and that a copy keeps. */
function copiedPaths(plan: SchemaPlan): string[] {
  return fieldsOf(plan.schema).flatMap(({ path, kind, declaration }) => {
    if (kind === "computed" || plan.stamps.has(path)) return [];
    const { isReadOnly, isResetByCopy, isSecret } = declaration;
    const isLost = isReadOnly === true || isResetByCopy === true || isSecret === true;
    return isLost || ("computed" in declaration && declaration.computed !== undefined) ? [] : [path];
  });
}

function copiedValues(
  plan: SchemaPlan,
  row: ReadonlyMap<string, FieldValue>,
  newId: number | undefined,
): Map<string, RawValue> {
  const formerId = plan.sequenced === undefined ? null : row.get(plan.sequenced);
  const copied = new Map<string, RawValue>();
  for (const path of copiedPaths(plan)) {
    const value = row.get(path) ?? null;
    if (path !== plan.sequenced) copied.set(path, rawValue(value));
  }
  if (plan.sequenced === undefined || newId === undefined) return copied;
  copied.set(plan.sequenced, newId);
  for (const paths of plan.uniqueKeys.slice(1)) makeUnique(plan, paths, copied, plainText(formerId), newId);
  return copied;
}

/** `DM1203` becomes `DM1240`, `newsletter` becomes `newsletter_1240`. */
function makeUnique(
  { schema }: SchemaPlan,
  paths: readonly string[],
  copied: Map<string, RawValue>,
  formerId: string,
  newId: number,
): void {
  const path = paths.findLast((one) => typeof copied.get(one) === "string");
  const value = path === undefined ? undefined : copied.get(path);
  if (path === undefined || typeof value !== "string" || value === "") return;
  const stem = value.endsWith(formerId) ? value.slice(0, -formerId.length) : `${value}_`;
  const length = schema.attributes[path]?.length ?? Number.POSITIVE_INFINITY;
  copied.set(path, `${stem.slice(0, Math.max(0, length - String(newId).length))}${newId}`);
}

function rawValue(value: FieldValue): RawValue {
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return databaseText(value);
}
