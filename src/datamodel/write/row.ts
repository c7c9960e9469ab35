/** A row that is being written: what is stored, what changes. Several drafts of one call may meet in one row. */

import { type FieldValue, isSameValue } from "./field-value.ts";
import type { SchemaPlan } from "./schema-plan.ts";

export type Row = {
  readonly plan: SchemaPlan;
  readonly isNew: boolean;
  /** What is stored, of the fields that were asked for; empty in a new row. */
  readonly stored: ReadonlyMap<string, FieldValue>;
  readonly changes: Map<string, FieldValue>;
  extras: ReadonlyMap<string, FieldValue>;
  /** Paths that were filled from rows of this call: these are known to be there. */
  resolved: ReadonlySet<string>;
  /** The unique key by which it was looked for in vain: somebody else may insert it before us. */
  contested: readonly string[] | undefined;
  readonly mayWrite: boolean;
  readonly mayDelete: boolean;
  isDeleted: boolean;
};

/** Shared by all rows that have none, since there are many of them. */
export const nothing: ReadonlyMap<string, never> = new Map<string, never>();
export const none: ReadonlySet<string> = new Set<string>();

/** A row that is not in the database yet. */
export function newRow(plan: SchemaPlan): Row {
  return {
    plan,
    isNew: true,
    stored: nothing,
    changes: new Map(),
    extras: nothing,
    resolved: none,
    contested: undefined,
    mayWrite: true,
    mayDelete: true,
    isDeleted: false,
  };
}

/** A row as it was found. */
export function storedRow(
  plan: SchemaPlan,
  stored: ReadonlyMap<string, FieldValue>,
  rights: Pick<Row, "mayWrite" | "mayDelete">,
): Row {
  return { ...newRow(plan), isNew: false, stored, ...rights };
}

/** The value of a field as it will be; undefined when it is neither given nor asked for. */
export function valueOf(row: Row, path: string): FieldValue | undefined {
  const change = row.changes.get(path);
  return change === undefined ? row.stored.get(path) : change;
}

/** The values of the primary key; null where there is none yet. */
export function keyOf(row: Row): FieldValue[] {
  return row.plan.primary.map((path) => valueOf(row, path) ?? null);
}

/** True when the field is written and differs from what is stored. */
export function isChanged(row: Row, path: string): boolean {
  const change = row.changes.get(path);
  const stored = row.stored.get(path);
  return change !== undefined && (stored === undefined || !isSameValue(change, stored));
}
