/** Decides what a draft does to its row. */

import { isServer } from "../viewer.ts";
import type { KeyChoice } from "./choose-key.ts";
import type { Draft } from "./draft.ts";
import { idNotReserved, notSaved, readOnlyField, rowNotFound } from "./errors.ts";
import { comparable, defaultValue, type FieldValue, isEmpty, isSameValue, zeroOf } from "./field-value.ts";
import { keptSecret } from "./keep-secret.ts";
import { newRow, type Row, valueOf } from "./row.ts";
import type { RowIndex } from "./row-index.ts";
import { declarationOf } from "./schema-plan.ts";
import { requireWriting } from "./read-draft.ts";
import { ruleOf, type Session } from "./session.ts";

/**
 * Applies a draft, as if all before it were stored.
 * @param choice the key it is found by; undefined for a new row
 * @returns false when what came before has to be stored first: nothing was done
 */
export function applyDraft(session: Session, index: RowIndex, draft: Draft, choice: KeyChoice | undefined): boolean {
  const found = choice === undefined ? undefined : index.find(choice, valuesOf(draft, choice));
  if (found === "unsure") return false;
  switch (draft.operation) {
    case "none":
      if (found === undefined) throw rowNotFound({ schema: draft.plan.id, key: shownValues(draft, choice) });
      draft.row = found;
      draft.effect = "found";
      return true;
    case "delete":
      return found === undefined || remove(session, index, draft, found);
    case "update":
      return found === undefined || merge(session, index, draft, found);
    case "insert":
    case "insertOrUpdate":
      return found === undefined ? create(session, index, draft, choice) : merge(session, index, draft, found);
  }
}

/** The values of a draft for the paths of a key. */
export function valuesOf({ values }: Draft, { paths }: KeyChoice): (FieldValue | undefined)[] {
  return paths.map((path) => values.get(path));
}

function remove(session: Session, index: RowIndex, draft: Draft, row: Row): boolean {
  // A key that the row has just taken may meet another row's: that is found when it is stored.
  if (row.isNew || row.plan.uniqueKeys.some((key) => key.some((path) => row.changes.has(path)))) return false;
  requireWriting(session, draft.plan);
  if (!row.mayDelete) throw notSaved({ schema: draft.plan.id, reason: "you may not delete this row" });
  index.leave(row);
  row.isDeleted = true;
  draft.row = row;
  draft.effect = "deleted";
  return true;
}

function create(session: Session, index: RowIndex, draft: Draft, choice: KeyChoice | undefined): boolean {
  requireWriting(session, draft.plan);
  const row = newRow(draft.plan);
  if (choice?.isUnique === true && draft.overtaken === 0)
    row.contested = draft.plan.uniqueKeys.find((key) => key.every((path) => choice.paths.includes(path)));
  const delta = changesFor(session, draft, row);
  if (!index.mayTake(row, delta)) return false;
  index.take(row, delta);
  takeExtras(draft, row);
  draft.row = row;
  draft.effect = "inserted";
  return true;
}

function merge(session: Session, index: RowIndex, draft: Draft, row: Row): boolean {
  const delta = changesFor(session, draft, row);
  draft.row = row;
  draft.effect = delta.size > 0 || draft.extras.size > 0 ? "updated" : "found";
  if (draft.effect === "found") return true;
  requireWriting(session, draft.plan);
  if (!row.mayWrite) throw notSaved({ schema: draft.plan.id, reason: "you may not change this row" });
  if (isIncomplete(row, delta) || givesKeyAgain(row, delta) || !index.mayTake(row, delta)) return false;
  index.take(row, delta);
  takeExtras(draft, row);
  return true;
}

/** A new row that lacks what this draft would give it is judged as it is, by itself. */
function isIncomplete(row: Row, delta: ReadonlyMap<string, FieldValue>): boolean {
  if (!row.isNew) return false;
  return [...delta.keys()].some((path) => !row.changes.has(path) && declarationOf(row.plan, path)?.required === true);
}

/** A key that is taken and given up within one call may still meet another row: the database is asked in between. */
function givesKeyAgain(row: Row, delta: ReadonlyMap<string, FieldValue>): boolean {
  const isGivenAgain = (path: string): boolean => {
    const [before, now] = [row.changes.get(path), delta.get(path)];
    return before !== undefined && now !== undefined && !isSameValue(before, now);
  };
  return row.plan.uniqueKeys.some((key) => key.some(isGivenAgain));
}

function takeExtras(draft: Draft, row: Row): void {
  if (draft.extras.size > 0) row.extras = new Map([...row.extras, ...draft.extras]);
  if (draft.resolved.size > 0)
    row.resolved = row.resolved.size === 0 ? draft.resolved : new Set([...row.resolved, ...draft.resolved]);
}

/** The values that a draft gives to a row, without those that it has already as far as that is known. */
function changesFor(session: Session, draft: Draft, row: Row): Map<string, FieldValue> {
  const delta = new Map<string, FieldValue>();
  for (const [path, value] of draft.values) {
    const kept = keptValue(session, draft, row, path, value);
    if (kept !== undefined) delta.set(path, kept);
  }
  return delta;
}

/**
 * What a value becomes; undefined when the field stays as it is.
 * @throws readOnlyField
 */
function keptValue(
  session: Session,
  { plan }: Draft,
  row: Row,
  path: string,
  value: FieldValue,
): FieldValue | undefined {
  const declaration = declarationOf(plan, path);
  if (declaration === undefined) return undefined;
  if (path === plan.sequenced) return keptId(row, path, value);
  const known = valueOf(row, path);
  const present = known === undefined ? defaultOf(row, path) : known;
  const isSame = present !== undefined && isSameValue(present, value);
  if (declaration.stamp?.startsWith("modified") === true) return undefined;
  if (!isOpen(session, row, path)) {
    if (isSame || (row.isNew && (isEmpty(value) || isSameValue(value, zeroOf(declaration.type))))) return undefined;
    throw readOnlyField({ schema: plan.id, field: path });
  }
  if (declaration.isSecret === true) return keptSecret(session, plan.id, path, value);
  return isSame && !row.changes.has(path) && !row.isNew ? undefined : value;
}

/** An id names its row and never changes; 0 is none. */
function keptId(row: Row, path: string, value: FieldValue): FieldValue | undefined {
  if (isEmpty(value)) return undefined;
  const present = valueOf(row, path);
  if (present === undefined) return value;
  if (isSameValue(present, value)) return undefined;
  if (row.isNew) throw idNotReserved({ schema: row.plan.id, id: comparable(value) });
  throw readOnlyField({ schema: row.plan.id, field: path });
}

/** True when who writes may choose the field's value. */
function isOpen({ viewer, rules }: Session, row: Row, path: string): boolean {
  const { plan } = row;
  const declaration = declarationOf(plan, path);
  if (declaration === undefined || ("computed" in declaration && declaration.computed !== undefined)) return false;
  if (isServer(viewer) || ruleOf({ rules }, plan.id)?.admits?.includes(path) === true) return true;
  if (declaration.isReadOnly === true) return false;
  // Who moves data from elsewhere keeps its dates; nobody rewrites them afterwards.
  if (declaration.stamp !== undefined) return row.isNew && viewer.rights.includes("admin");
  return row.isNew || !plan.primary.includes(path);
}

function defaultOf(row: Row, path: string): FieldValue | undefined {
  const declaration = row.isNew ? declarationOf(row.plan, path) : undefined;
  return declaration === undefined ? undefined : defaultValue(declaration);
}

function shownValues(draft: Draft, choice: KeyChoice | undefined): string {
  const paths = choice?.paths ?? [];
  return paths.map((path) => `${path} = ${comparable(draft.values.get(path) ?? null)}`).join(", ");
}
