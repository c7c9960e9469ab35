/** Statements of the bench: the ledger that hits belong to, and what was made of them. */

import type { Database } from "#foundation/database.ts";

/** Two deliveries, and messages that alternate between them. */
export async function makeLedger(
  db: Database,
  ledger: { messages: number; firstId: number; deliveryIds: readonly [number, number] },
): Promise<void> {
  const { messages, firstId, deliveryIds } = ledger;
  const [even, odd] = deliveryIds;
  await db.run`insert into nms_delivery (delivery_id, internal_name, log_date) values (${even}, 'even', '2026-11-20'), (${odd}, 'odd', '2026-11-20')`;
  await db.run`
    insert into nms_broad_log (broad_log_id, log_date, delivery_id, recipient_id, status)
    select id, '2026-11-20', case when id % 2 = 0 then ${even}::bigint else ${odd}::bigint end, id + 10000000, 1
      from generate_series(${firstId}::bigint, ${firstId + messages - 1}::bigint) id`;
  await db.run`analyze nms_broad_log`;
}

export type Tracked = {
  readonly rows: number;
  readonly repeated: number;
  readonly readers: number;
  readonly distinctReaders: number;
  readonly clicks: number;
  readonly clickRows: number;
  readonly withRecipient: number;
};

/** The kept counters beside the same figures counted. `repeated` are opens dropped as near another. */
export async function countTracked(db: Database): Promise<Tracked> {
  const found = await db.first((row) => row as Omit<Tracked, "repeated">)`
    select count(*) as rows, (select sum(recipient_open) from nms_delivery)::bigint as readers, count(distinct (delivery_id, broad_log_id)) as "distinctReaders",
           (select sum(total_recipient_click) from nms_delivery)::bigint as clicks, count(*) filter (where url_type = 1) as "clickRows",
           count(*) filter (where recipient_id > 0) as "withRecipient"
      from nms_tracking_log`;
  const none = { rows: 0, readers: 0, distinctReaders: 0, clicks: 0, clickRows: 0, withRecipient: 0 };
  return { ...(found ?? none), repeated: 1_000_000 - (found?.rows ?? 0) };
}
