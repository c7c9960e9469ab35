/** Deletes all rows that meet conditions. */

import { fieldsOf } from "#schemas/fields.ts";

import type { Condition } from "../query-def/query-def.ts";
import { runQuery } from "../query-def/run-query.ts";
import { deleteRows, fieldsForDeletion } from "./delete-rows.ts";
import { notSaved } from "./errors.ts";
import type { FieldValue } from "./field-value.ts";
import { findRows } from "./find-rows.ts";
import { inSession } from "./in-session.ts";
import { parseValue } from "./parse-value.ts";
import { planFor, requireWriting } from "./read-draft.ts";
import { type SchemaPlan, shownKey } from "./schema-plan.ts";
import type { Session } from "./session.ts";
import type { WriteContext } from "./write-context.ts";

/** Rows that are held in memory at once. */
const batchSize = 10_000;

/**
 * Deletes what the conditions select of what the viewer may read: all of it, or nothing.
 * @returns how many rows that were, without those that went with them
 * @throws notSaved when he may not delete one of them; stillReferenced, errors of queries
 */
export async function deleteCollection(
  context: WriteContext,
  { schema, where }: { readonly schema: string; readonly where: readonly Condition[] },
): Promise<number> {
  const plan = planFor(context, schema);
  requireWriting(context, plan);
  return inSession(context, async (session) => {
    let count = 0;
    for (;;) {
      const keys = await selectKeys(session, plan, where);
      if (keys.length === 0) return count;
      count += await deleteKeys(session, plan, keys);
    }
  });
}

async function selectKeys(
  { tx, schemas, viewer }: Session,
  plan: SchemaPlan,
  where: readonly Condition[],
): Promise<FieldValue[][]> {
  const result = await runQuery(
    { db: tx, schemas, viewer },
    {
      schema: plan.id,
      operation: "select",
      select: plan.primary.map((path) => ({ expr: `[${shownKey([path])}]` })),
      where,
      orderBy: plan.primary.map((path) => ({ expr: `[${shownKey([path])}]` })),
      lineCount: batchSize,
    },
    { mostLines: batchSize },
  );
  if (result.kind !== "rows") return [];
  return result.rows.map((row) => plan.primary.map((path, at) => readCell(plan, path, row[at])));
}

function readCell(plan: SchemaPlan, path: string, cell: unknown): FieldValue {
  const field = fieldsOf(plan.schema).find((one) => one.path === path);
  if (field === undefined) return null;
  if (cell instanceof Date) return cell;
  const raw = typeof cell === "string" || typeof cell === "number" || typeof cell === "boolean" ? cell : null;
  return parseValue(field, raw, { schema: plan.id });
}

async function deleteKeys(session: Session, plan: SchemaPlan, values: readonly FieldValue[][]): Promise<number> {
  const found = await findRows(session, {
    plan,
    key: { paths: plan.primary, isUnique: true },
    values,
    fields: fieldsForDeletion(session, plan),
    lock: "delete",
  });
  const rows = found.filter((row) => row !== undefined);
  if (rows.some(({ mayDelete }) => !mayDelete))
    throw notSaved({ schema: plan.id, reason: "you may not delete all of these rows" });
  await deleteRows(session, plan, rows);
  return rows.length;
}
