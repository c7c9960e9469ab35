/** Statements of the bench: its audience, and what became of the messages. */

import type { Database } from "#foundation/database.ts";

/** Recipients with every field that the message reads, spread over 200 domains. */
export async function makeAudience(db: Database, count: number): Promise<void> {
  await db.run`
    insert into nms_recipient (email, email_key, first_name, last_name, city, email_format)
    select a, a, 'First ' || i, 'Last ' || i, 'City ' || i % 100, 2
      from (select i, 'r' || i || '@d' || i % 200 || '.test' as a from generate_series(1, ${count}::int) i) s`;
  await db.run`analyze nms_recipient`;
}

export type Progress = { readonly state: number; readonly success: number; readonly transactions: number };

/** The delivery's counters, and the transactions of the whole database so far. */
export async function readProgress(db: Database, deliveryId: number): Promise<Progress> {
  const row = await db.first((raw) => raw as Progress)`
    select state, success, (select xact_commit from pg_stat_database where datname = current_database())::int as transactions
      from nms_delivery where delivery_id = ${deliveryId}`;
  return row ?? { state: 0, success: 0, transactions: 0 };
}

/** Rows of the ledger that are final and sent, and different recipients among them. */
export async function countSent(db: Database, deliveryId: number): Promise<{ rows: number; recipients: number }> {
  const row = await db.first((raw) => raw as { rows: number; recipients: number })`
    select count(*)::int as rows, count(distinct recipient_id)::int as recipients
      from nms_broad_log where delivery_id = ${deliveryId} and status = 1`;
  return row ?? { rows: 0, recipients: 0 };
}
