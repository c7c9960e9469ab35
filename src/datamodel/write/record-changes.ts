/** Keeps who changed what, for schemas whose changes are to be accounted for. */

import { handedTable } from "./columns.ts";
import { comparable, documentValue, type FieldValue, isEmpty, isSameValue } from "./field-value.ts";
import { keyOf, type Row, valueOf } from "./row.ts";
import { declarationOf, isDataDocument, type SchemaPlan } from "./schema-plan.ts";
import type { Session } from "./session.ts";

type Entry = { readonly action: "insert" | "update" | "delete"; readonly row: Row; readonly changes: object };

/** Adds one entry to the audit trail for each row that differs from before. */
export async function recordChanges(session: Session, plan: SchemaPlan, rows: readonly Row[]): Promise<void> {
  if (plan.schema.isAudited !== true) return;
  const entries = rows.flatMap((row): Entry[] => {
    const changes = row.isDeleted ? lostValues(plan, row) : changedValues(plan, row);
    const isWorthIt = row.isNew || row.isDeleted || Object.keys(changes).length > 0;
    return isWorthIt ? [{ action: row.isDeleted ? "delete" : row.isNew ? "insert" : "update", row, changes }] : [];
  });
  if (entries.length === 0) return;
  const { viewer, remoteAddress, tx } = session;
  const handed = handedTable("x", [
    { name: "action", type: "text", values: entries.map(({ action }) => action) },
    { name: "entity_key", type: "text", values: entries.map(({ row }) => keyOf(row).map(comparable).join(", ")) },
    { name: "entity_label", type: "text", values: entries.map(({ row }) => labelOf(row)) },
    { name: "changes", type: "jsonb", values: entries.map(({ changes }) => JSON.stringify(changes)) },
  ]);
  await tx.run`
    insert into xtk_audit_trail (operator_id, login, address, action, schema_name, entity_key, entity_label, changes)
    select ${viewer.operatorId}::bigint, ${viewer.login}::text, ${remoteAddress}::text, x.action, ${plan.id}::text, x.entity_key, x.entity_label, x.changes
      from ${handed}`;
}

type Change = { readonly from?: unknown; readonly to?: unknown };

function changedValues(plan: SchemaPlan, { isNew, stored, changes }: Row): Record<string, Change> {
  const changed: Record<string, Change> = {};
  for (const [path, value] of changes) {
    if (plan.primary.includes(path) || plan.stamps.has(path) || isDataDocument(plan, path)) continue;
    const before = stored.get(path) ?? null;
    if (isNew ? isEmpty(value) || value === false : isSameValue(before, value)) continue;
    if (isHeldBack(plan, path)) changed[path] = {};
    else changed[path] = isNew ? { to: shown(value) } : { from: shown(before), to: shown(value) };
  }
  return changed;
}

function lostValues(plan: SchemaPlan, { stored }: Row): Record<string, Change> {
  const lost: Record<string, Change> = {};
  for (const [path, value] of stored)
    if (!isEmpty(value) && value !== false && !isDataDocument(plan, path))
      lost[path] = isHeldBack(plan, path) ? {} : { from: shown(value) };
  return lost;
}

/** Of secrets the trail says that they changed, never what they were or are. */
function isHeldBack(plan: SchemaPlan, path: string): boolean {
  const declaration = declarationOf(plan, path);
  return declaration === undefined || declaration.isSecret === true || declaration.isInternal === true;
}

/** A page of HTML is not kept twice for a changed comma. */
const longestShown = 2_000;

function shown(value: FieldValue): unknown {
  const plain = documentValue(value);
  const text = typeof plain === "string" ? plain : typeof plain === "object" ? JSON.stringify(plain) : undefined;
  return text !== undefined && text.length > longestShown ? `${text.slice(0, longestShown)}...` : plain;
}

/** What people know the row by. */
function labelOf(row: Row): string {
  for (const path of ["label", "name", "internalName", "email"]) {
    const value = valueOf(row, path);
    if (typeof value === "string" && value !== "") return value;
  }
  return keyOf(row).map(comparable).join(", ");
}
