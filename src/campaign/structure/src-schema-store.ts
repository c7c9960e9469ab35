/** Statements on the schemas that operators wrote. */

import type { Statements } from "#foundation/database.ts";
import type { SqlFragment } from "#foundation/sql.ts";

export type SourceDocument = { readonly namespace: string; readonly name: string; readonly document: string };

/** Every schema as it is written now. */
export function readWrittenDocuments(db: Statements): Promise<SourceDocument[]> {
  return db.rows(parseDocument)`
    select namespace, name, document from xtk_src_schema where document is not null order by namespace, name`;
}

/** Lets one writer at a time change schemas, and one update at a time bring them to the tables, until the transaction ends. */
export async function lockSources(db: Statements): Promise<void> {
  await db.run`lock table xtk_src_schema in share row exclusive mode`;
}

/** From now on a statement of this transaction gives up (error 55P03) when it waits so long for a lock. */
export async function limitLockWaits(tx: Statements, waitMs: number): Promise<void> {
  await tx.run`select set_config('lock_timeout', ${`${waitMs}ms`}, true)`;
}

/** Every schema as the tables have it. */
export function readAppliedDocuments(db: Statements): Promise<SourceDocument[]> {
  return db.rows(parseDocument)`
    select namespace, name, applied_document as document
      from xtk_src_schema where applied_document is not null order by namespace, name`;
}

/** A text that changes whenever what is applied does; empty when nothing is. */
export async function readAppliedVersion(db: Statements): Promise<string> {
  const version = await db.first((row) => (row as { version: string | null }).version)`
    select md5(string_agg(src_schema_id || ':' || md5(applied_document), ',' order by src_schema_id)) as version
      from xtk_src_schema where applied_document is not null`;
  return version ?? "";
}

/** Notes that the tables have what is written. */
export function markApplied(db: Statements): Promise<number> {
  return db.run`
    update xtk_src_schema set applied_document = document, applied = now()
     where applied_document is distinct from document`;
}

/** Runs one statement of a plan. */
export async function runStatement(db: Statements, statement: SqlFragment): Promise<void> {
  await db.run`${statement}`;
}

function parseDocument(row: unknown): SourceDocument {
  return row as SourceDocument;
}
