/** The statement that finds a row together with what a viewer may do with it. */

import { columnOf } from "#datamodel/column-of.ts";
import { rowRights } from "#datamodel/rights/row-rights.ts";
import type { DataContext } from "#datamodel/viewer.ts";
import { sql } from "#foundation/sql.ts";
import type { Schema } from "#schemas/schema.ts";

/**
 * The row of an id or an internal name that the viewer may read, and whether its folder lets him change it.
 * @param schema one with the attributes `id` and `internalName`
 */
export function findEntity(
  { db, schemas, viewer }: DataContext,
  schema: Schema,
  reference: string,
): Promise<{ readonly id: number; readonly isWritable: boolean } | undefined> {
  const rights = { schemas, viewer, alias: "t" };
  const readable = rowRights({ ...rights, schema, purpose: "read" }) ?? sql`true`;
  // Who may write entities of this schema at all is another right than the one to give them orders.
  const writable = rowRights({ ...rights, schema: { ...schema, access: {} }, purpose: "write" }) ?? sql`true`;
  const id = sql.id("t", columnOf(schema, "id"));
  const name = sql.id("t", columnOf(schema, "internalName"));
  const asId = /^\d{1,18}$/.test(reference) ? reference : null;
  return db.first((row) => {
    const { id: found, is_writable: isWritable } = row as { id: number; is_writable: boolean | null };
    return { id: found, isWritable: isWritable === true };
  })`
    select ${id} as id, ${writable} as is_writable
      from ${sql.table(schema.table)} as t
     where (${id} = ${asId}::bigint or ${name} = ${reference}) and ${readable}
     order by ${id} = ${asId}::bigint desc nulls last limit 1`;
}
