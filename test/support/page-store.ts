/** Statements that put deliveries, messages and operators in place for the pages. */

import type { Statements } from "#foundation/database.ts";

/** A delivery with figures. */
export async function insertDelivery(
  db: Statements,
  given: { label: string; state: number; toDeliver: number },
): Promise<number> {
  const id = await db.first((row) => (row as { delivery_id: number }).delivery_id)`
    insert into nms_delivery (internal_name, label, state, to_deliver, total_target, reject, processed, success, error, log_date, subject)
    values (${`DM${given.label}`}, ${given.label}, ${given.state}, ${given.toDeliver}, ${given.toDeliver + 7}, 7, ${given.toDeliver}, ${given.toDeliver - 3}, 3, '2026-11-21', ${given.label})
    returning delivery_id`;
  return id ?? 0;
}

/** Messages of a delivery that share an outcome. */
export function insertBroadLogs(
  db: Statements,
  deliveryId: number,
  given: { domain: string; status: number; reason: number; count: number },
): Promise<number> {
  return db.run`
    insert into nms_broad_log (broad_log_id, log_date, delivery_id, recipient_id, address, status, failure_reason)
    select base + n, '2026-11-21', ${deliveryId}, base + n, ${`someone@${given.domain}`}, ${given.status}, ${given.reason}
      from generate_series(1, ${given.count}::int) as n,
           (select coalesce(max(broad_log_id), 1000) as base from nms_broad_log) as b`;
}

/** A message in the built-in mailbox. */
export async function insertInboxMessage(
  db: Statements,
  given: { to: string; subject: string; source: string },
): Promise<number> {
  const id = await db.first((row) => (row as { inbox_message_id: number }).inbox_message_id)`
    insert into nms_inbox_message (envelope_to, subject, size, source)
    values (${given.to}, ${given.subject}, ${given.source.length}, ${Buffer.from(given.source)})
    returning inbox_message_id`;
  return id ?? 0;
}

/** Gives an operator a language and a time zone. */
export function setLocale(db: Statements, login: string, locale: string, timezone: string): Promise<number> {
  return db.run`update xtk_operator set locale = ${locale}, timezone = ${timezone} where name = ${login}`;
}
