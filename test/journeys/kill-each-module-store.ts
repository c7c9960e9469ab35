/** What the journey counts, in the ledger and in the inbox. */

import type { Statements } from "#foundation/database.ts";

/** A delivery's state and counters. */
export function readState(
  db: Statements,
  deliveryId: number,
): Promise<{ state: number; processed: number; success: number } | undefined> {
  return db.first((row) => row as { state: number; processed: number; success: number })`
    select state, processed, success from nms_delivery where delivery_id = ${deliveryId}`;
}

/** Rows of the ledger by status. */
export function countRows(db: Statements, deliveryId: number): Promise<{ status: number; count: number }[]> {
  return db.rows((row) => row as { status: number; count: number })`
    select status, count(*)::int as count from nms_broad_log where delivery_id = ${deliveryId} group by 1 order by 1`;
}

/** Messages of the inbox, and how many there are when copies count once. */
export function countKept(db: Statements): Promise<{ copies: number; distinct: number } | undefined> {
  return db.first((row) => row as { copies: number; distinct: number })`
    select count(*)::int as copies, count(distinct (message_id, envelope_to))::int as distinct from nms_inbox_message`;
}
