/** Checks that rows, as they are now, are such as their writer may write: the folder they went to, the filters of the schema. */

import { sql } from "#foundation/sql.ts";

import { rowRights } from "../rights/row-rights.ts";
import { handedKeys } from "./columns.ts";
import { notSaved } from "./errors.ts";
import { keyOf, type Row } from "./row.ts";
import type { SchemaPlan } from "./schema-plan.ts";
import type { Session } from "./session.ts";

/**
 * Looks at rows after they were stored, so that whatever changed them counts; who may write everything costs no statement.
 * @throws notSaved
 */
export async function checkWrittenRows(session: Session, plan: SchemaPlan, rows: readonly Row[]): Promise<void> {
  const { schemas, viewer, tx } = session;
  const rights = rowRights({ schema: plan.schema, schemas, viewer, purpose: "write", alias: "t" });
  if (rights === undefined || rows.length === 0) return;
  const { handed, isSame } = handedKeys(plan, rows.map(keyOf));
  const refused = await tx.first(() => true)`
    select from ${handed} join ${sql.table(plan.schema.table)} as t on ${isSame}
     where (${rights}) is not true limit 1`;
  if (refused !== true) return;
  const place = plan.schema.folderAttribute === undefined ? "" : " in this folder";
  throw notSaved({ schema: plan.id, reason: `you may not write such a row${place}` });
}
