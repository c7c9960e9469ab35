/** Stores rows of one schema that were decided on: one statement for those that change, one or two for those that are new. */

import type { Attribute, DataField } from "#schemas/schema.ts";

import { checkReferences } from "./check-references.ts";
import { checkWrittenRows } from "./check-written-rows.ts";
import { completeRows } from "./complete-rows.ts";
import { requiredField } from "./errors.ts";
import { insertRows } from "./insert-rows.ts";
import { recordChanges } from "./record-changes.ts";
import type { Row } from "./row.ts";
import { ruleContext, ruleRow } from "./rule-row.ts";
import type { SchemaPlan } from "./schema-plan.ts";
import { ruleOf, type Session } from "./session.ts";
import { updateRows } from "./update-rows.ts";

/**
 * Stores rows with all that belongs to it: defaults, stamps, rules, rights, references, audit trail.
 * @returns those that somebody else inserted in the same moment; they were not stored
 */
export async function storeRows(session: Session, plan: SchemaPlan, rows: readonly Row[]): Promise<ReadonlySet<Row>> {
  const rule = ruleOf(session, plan.id);
  const context = ruleContext(session, plan);
  await completeRows(
    session,
    plan,
    rows.filter(({ isNew }) => isNew),
  );
  if (rule?.complete !== undefined) await rule.complete(rows.map(ruleRow), context);
  checkRequired(plan, rows);
  await checkReferences(session, plan, rows);
  await updateRows(
    session,
    plan,
    rows.filter(({ isNew }) => !isNew),
  );
  const overtaken = await insertRows(
    session,
    plan,
    rows.filter(({ isNew }) => isNew),
  );
  const stored = overtaken.size === 0 ? rows : rows.filter((row) => !overtaken.has(row));
  await checkWrittenRows(session, plan, stored);
  if (rule?.after !== undefined) await rule.after(stored.map(ruleRow), context);
  await recordChanges(session, plan, stored);
  return overtaken;
}

/** Emptied or never given: the same sentence for both. */
function checkRequired(plan: SchemaPlan, rows: readonly Row[]): void {
  for (const [path, { required, type }] of declarationsOf(plan)) {
    if (required !== true) continue;
    for (const row of rows) {
      const value = row.changes.get(path);
      const isMissing = value === undefined ? row.isNew : value === null || (value === "" && type !== "memo");
      if (isMissing) throw requiredField({ schema: plan.id, field: path });
    }
  }
}

function declarationsOf({ schema }: SchemaPlan): [string, Attribute | DataField][] {
  return [...Object.entries(schema.attributes), ...Object.entries(schema.dataFields ?? {})];
}
