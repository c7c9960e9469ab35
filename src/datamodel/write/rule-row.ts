/** Rows as the rules of the domain see them. */

import type { FieldValue } from "./field-value.ts";
import { isChanged, keyOf, type Row, valueOf } from "./row.ts";
import type { SchemaPlan } from "./schema-plan.ts";
import type { Session } from "./session.ts";
import type { DeletedRow, RuleContext, RuleRow } from "./write-context.ts";

/** What a rule works in. */
export function ruleContext({ tx, schemas, viewer }: Session, { schema }: SchemaPlan): RuleContext {
  return { tx, schemas, viewer, schema };
}

/** A row that is about to be stored, or just was. */
export function ruleRow(row: Row): RuleRow {
  return {
    isNew: row.isNew,
    get key() {
      return keyOf(row);
    },
    before: (path) => row.stored.get(path),
    value: (path) => valueOf(row, path),
    isChanged: (path) => isChanged(row, path),
    extra: (path) => row.extras.get(path),
    set: (path: string, value: FieldValue) => void row.changes.set(path, value),
  };
}

/** A row that is about to be deleted, or just was. */
export function deletedRow(row: Row, goesWithOwner: boolean): DeletedRow {
  return { key: keyOf(row), goesWithOwner, before: (path) => row.stored.get(path) };
}
