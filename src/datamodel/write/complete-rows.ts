/** Gives new rows what their client left to us: an id, a folder, defaults, stamps. */

import { sql } from "#foundation/sql.ts";

import { rowRights } from "../rights/row-rights.ts";
import { isServer } from "../viewer.ts";
import { idNotReserved } from "./errors.ts";
import { comparable, defaultValue, isEmpty } from "./field-value.ts";
import { globalSequence, sequenceOf, takeIdsOf } from "./reserve-ids.ts";
import type { Row } from "./row.ts";
import { isDataDocument, type SchemaPlan } from "./schema-plan.ts";
import type { Session } from "./session.ts";

/**
 * Completes rows that are not in the database yet.
 * @throws idNotReserved
 */
export async function completeRows(session: Session, plan: SchemaPlan, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await giveIds(session, plan, rows);
  await giveFolder(session, plan, rows);
  const { operatorId } = session.viewer;
  const declared = [...Object.entries(plan.schema.attributes), ...Object.entries(plan.schema.dataFields ?? {})];
  for (const [path, declaration] of declared) {
    if (isDataDocument(plan, path)) continue;
    const stamp = plan.stamps.get(path);
    const value = stamp === "createdBy" || stamp === "modifiedBy" ? operatorId : defaultValue(declaration);
    if (value === undefined) continue;
    for (const row of rows) if (!row.changes.has(path)) row.changes.set(path, value);
  }
}

async function giveIds(session: Session, plan: SchemaPlan, rows: readonly Row[]): Promise<void> {
  const path = plan.sequenced;
  if (path === undefined) return;
  const given = rows.filter(({ changes }) => !isEmpty(changes.get(path)));
  if (given.length > 0 && !isServer(session.viewer)) await checkIds(session, plan, path, given);
  const without = rows.filter((row) => isEmpty(row.changes.get(path)));
  if (without.length === 0) return;
  const ids = await takeIdsOf(session.tx, plan, without.length);
  for (const [at, row] of without.entries()) row.changes.set(path, ids[at] ?? 0);
}

/** Ids up to 1,000 are the product's own; above what a sequence has reached nobody was given any. */
async function checkIds(session: Session, plan: SchemaPlan, path: string, rows: readonly Row[]): Promise<void> {
  const reached = await session.tx.first((row) => row as { own: string; global: string | null })`
    select last_value::text as own, (select last_value::text from ${sql.table(globalSequence)} where is_called) as global
      from ${sql.table(sequenceOf(plan))}`;
  const own = Number(reached?.own ?? 0);
  const global = Number(reached?.global ?? 0);
  for (const { changes } of rows) {
    const id = Number(changes.get(path));
    const isReserved = (id > 1_000 && id <= own) || (id >= firstGlobalId && id <= global);
    if (!isReserved) throw idNotReserved({ schema: plan.id, id: comparable(changes.get(path) ?? null) });
  }
}

const firstGlobalId = 1_000_000_000_000;

/** A row that names no folder goes where rows of its schema are filed. */
async function giveFolder(session: Session, plan: SchemaPlan, rows: readonly Row[]): Promise<void> {
  const path = plan.schema.folderAttribute;
  if (path === undefined || plan.primary.includes(path)) return;
  const without = rows.filter(({ changes }) => isEmpty(changes.get(path)) && !changes.has(path));
  if (without.length === 0) return;
  const folder = await defaultFolder(session, plan);
  for (const row of without) {
    row.changes.set(path, folder);
    row.resolved = new Set([...row.resolved, path]);
  }
}

/**
 * The first folder for a schema in which the viewer may write. Who is confined to a folder has this one for want of another,
 * everyone else the root.
 */
export async function defaultFolder(
  session: Pick<Session, "tx" | "schemas" | "viewer" | "defaultFolders">,
  plan: SchemaPlan,
): Promise<number> {
  const known = session.defaultFolders.get(plan.id);
  if (known !== undefined) return known;
  const { viewer, schemas } = session;
  const schema = schemas.find("xtk:folder");
  const rights =
    schema === undefined ? undefined : rowRights({ schema, schemas, viewer, purpose: "write", alias: "t" });
  const found = await session.tx.first((row) => Number((row as { id: unknown }).id))`
    select t.folder_id as id from xtk_folder as t
     where t.schema_name = ${plan.id} and not t.is_view and ${rights ?? sql`true`}
     order by t.folder_id limit 1`;
  const folder = found ?? viewer.folderId;
  session.defaultFolders.set(plan.id, folder);
  return folder;
}
