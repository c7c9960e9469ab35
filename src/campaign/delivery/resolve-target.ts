/** Turns a target into a condition over nms_recipient. */

import { type CompiledWhere, compileWhere } from "#datamodel/compile-where.ts";
import type { Statements } from "#foundation/database.ts";
import { sql, type SqlFragment } from "#foundation/sql.ts";
import { recipient } from "#schemas/recipient.ts";

import { targetNotFound } from "./errors.ts";
import { findGroupId, hasWorkTable } from "./preparation-store.ts";
import type { Target } from "./target.ts";

/** Fragments for a query that has nms_recipient as `r`; no join multiplies rows. */
export type TargetCondition = Pick<CompiledWhere, "joins" | "where">;

/**
 * Compiles a target's conditions.
 * @throws targetNotFound when the group or the workflow's table is gone
 */
export async function resolveTarget(db: Statements, target: Target, timezone: string): Promise<TargetCondition> {
  const conditions: SqlFragment[] = [];
  let joins: SqlFragment = sql``;
  if (target.group !== undefined) {
    const groupId = await findGroupId(db, target.group);
    if (groupId === undefined) throw targetNotFound({ problem: `There is no group ${target.group}.` });
    conditions.push(
      sql`r.recipient_id in (select g.recipient_id from nms_rcp_grp_rel g where g.group_id = ${groupId})`,
    );
  }
  if (target.workTable !== undefined) {
    if (!(await hasWorkTable(db, target.workTable)))
      throw targetNotFound({ problem: `The workflow's table ${target.workTable} is gone; run the workflow again.` });
    conditions.push(sql`r.recipient_id in (select w.recipient_id from ${sql.table(target.workTable)} w)`);
  }
  if (target.where !== undefined) {
    const compiled = compileWhere(recipient, target.where, { alias: "r", timezone });
    joins = compiled.joins;
    conditions.push(compiled.where);
  }
  return { joins, where: conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `) };
}
