/** Turns a target into a condition over nms_recipient. */

import type { CompiledWhere } from "#datamodel/compile-where.ts";
import type { Viewer } from "#datamodel/viewer.ts";
import type { Statements } from "#foundation/database.ts";
import { sql, type SqlFragment } from "#foundation/sql.ts";
import { recipient } from "#schemas/recipient.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

import { targetNotFound } from "./errors.ts";
import { findGroupId, hasWorkTable } from "./preparation-store.ts";
import type { Target } from "./target.ts";

/** Fragments for a query that has nms_recipient as `r`; no join multiplies rows. */
export type TargetCondition = Pick<CompiledWhere, "joins" | "where">;

/**
 * Compiles a target's conditions. Whom the viewer may not see is in no target of his.
 * @throws targetNotFound when the group or the workflow's table is gone
 */
export async function resolveTarget(
  db: Statements,
  target: Target,
  { timezone, schemas, viewer }: { readonly timezone: string; readonly schemas: SchemaSet; readonly viewer: Viewer },
): Promise<TargetCondition> {
  const conditions: SqlFragment[] = [];
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
  // Loaded with the first preparation: an idle process of mta needs no compiler.
  const { compileWhereFor } = await import("#datamodel/compile-where-for.ts");
  const { joins, where } = compileWhereFor(viewer, schemas.find("nms:recipient") ?? recipient, target.where ?? "", {
    alias: "r",
    timezone,
    schemas,
  });
  return { joins, where: sql.join([...conditions, where], sql` and `) };
}
