/** What tests of stat put into a database, and read from it. */

import type { Statements } from "#foundation/database.ts";

/** A rule before all others. */
export function insertMxRule(
  db: Statements,
  rule: { mask: string; maxMessagesPerHour?: number; maxConnections?: number; isShared?: boolean; position?: number },
): Promise<number> {
  return db.run`
    insert into nms_mx_rule (position, mask, is_shared, max_connections, max_messages_per_hour)
    values (${rule.position ?? -1}, ${rule.mask}, ${rule.isShared ?? true}, ${rule.maxConnections ?? 20}, ${rule.maxMessagesPerHour ?? 0})`;
}

/** A ramp that began today, in UTC. */
export function insertWarmUp(db: Statements, allowances: string): Promise<number> {
  return db.run`
    insert into nms_warm_up (label, start_date, allowances) values ('new address', (now() at time zone 'UTC')::date, ${allowances})`;
}

/** What was sent under ramps, today and before. */
export async function countWarmUpMessages(db: Statements): Promise<number> {
  const row = await db.first((raw) => raw as { messages: number })`
    select coalesce(sum(messages), 0)::int as messages from nms_warm_up_day`;
  return row?.messages ?? 0;
}

/** Senders that stat waits for after a restart. */
export function listKnownSenders(db: Statements): Promise<string[]> {
  return db.rows((row) => (row as { sender: string }).sender)`select sender from nms_stat_sender order by 1`;
}

/** Messages of all hours that the next stat would count. */
export async function countSpent(db: Statements): Promise<number> {
  const row = await db.first((raw) => raw as { tokens: number })`
    select coalesce(sum(messages), 0)::int as tokens from nms_stat_spent`;
  return row?.tokens ?? 0;
}

export type ErrorStatisticsRow = {
  readonly address: string;
  readonly publicId: number;
  readonly connections: number;
  readonly messages: number;
  readonly errors: number;
  readonly messageErrors: number;
  readonly refused: number;
};

/** SMTP error statistics, added up over their periods. */
export function readErrorStatistics(db: Statements): Promise<ErrorStatisticsRow[]> {
  return db.rows((row) => row as ErrorStatisticsRow)`
    select mx_ip as address, public_id as "publicId", sum(total_connections)::int as connections, sum(total_messages)::int as messages,
           sum(total_errors)::int as errors, sum(message_errors)::int as "messageErrors", sum(refused_connections)::int as refused
      from nms_email_error_stat group by 1, 2 order by 1, 2`;
}

/** Makes periods old. */
export function ageErrorStatistics(db: Statements, days: number): Promise<number> {
  return db.run`update nms_email_error_stat set period_start = period_start - make_interval(days => ${days})`;
}

/** A sender that the stat before this one knew: the next one awaits its report. */
export function insertKnownSender(db: Statements, sender: string): Promise<number> {
  return db.run`insert into nms_stat_sender (sender) values (${sender})`;
}
