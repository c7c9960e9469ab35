/** Reads the journal of a delivery. */

import type { Statements } from "#foundation/database.ts";

export type AuditLine = { readonly id: number; readonly level: "info" | "warning" | "error"; readonly message: string };

/** The lines after one, in their order. */
export function listAuditLines(db: Statements, deliveryId: number, afterId: number): Promise<AuditLine[]> {
  return db.rows(parseLine)`
    select job_log_id as id, level, message from xtk_job_log
     where job_id = ${deliveryId} and object_schema = 'nms:delivery' and job_log_id > ${afterId}
     order by job_log_id limit 1000`;
}

/** The number of the newest line; 0 when there is none. */
export async function lastAuditLine(db: Statements, deliveryId: number): Promise<number> {
  const line = await db.first((row) => (row as { id: number | null }).id)`
    select max(job_log_id) as id from xtk_job_log where job_id = ${deliveryId} and object_schema = 'nms:delivery'`;
  return line ?? 0;
}

/** Why a delivery could not be prepared. */
export async function readFailureText(db: Statements, deliveryId: number): Promise<string> {
  const text = await db.first((row) => (row as { failure_text: string | null }).failure_text)`
    select failure_text from nms_delivery where delivery_id = ${deliveryId}`;
  return text ?? "";
}

/** How many deliveries wait for their preparation, to be sent after it. */
export async function countSubmitted(db: Statements, waitingState: number): Promise<number> {
  const count = await db.first((row) => (row as { count: number }).count)`
    select count(*) as count from nms_delivery where state = ${waitingState} and is_start_requested`;
  return count ?? 0;
}

function parseLine(row: unknown): AuditLine {
  return row as AuditLine;
}
