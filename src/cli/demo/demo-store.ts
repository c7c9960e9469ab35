/** What the demo reads to compare three counts: the ledger's, the inbox's and its own. It writes nothing. */

import type { Statements } from "#foundation/database.ts";

export type DeliveryRow = {
  readonly deliveryId: number;
  readonly state: number;
  readonly logDate: string | null;
  readonly failureText: string | null;
  readonly totalTarget: number;
  readonly reject: number;
  readonly toDeliver: number;
  readonly processed: number;
  readonly success: number;
  readonly error: number;
  readonly bouncedLater: number;
  readonly recipientOpen: number;
  readonly totalRecipientClick: number;
  readonly recipientClick: number;
  readonly optOut: number;
};

export type LedgerLine = {
  readonly status: number;
  readonly failureReason: number;
  readonly attempts: number;
  readonly count: number;
};
export type Tally = { readonly name: string; readonly count: number };

/** The delivery whose internal name begins so, the newest first. */
export async function findDelivery(db: Statements, internalNamePrefix: string): Promise<DeliveryRow | undefined> {
  const deliveryId = await db.first((row) => (row as { id: number }).id)`
    select delivery_id as id from nms_delivery
     where starts_with(internal_name, ${internalNamePrefix}) order by delivery_id desc limit 1`;
  return deliveryId === undefined ? undefined : readDelivery(db, deliveryId);
}

/** A delivery with its counters. */
export function readDelivery(db: Statements, deliveryId: number): Promise<DeliveryRow | undefined> {
  return db.first((row) => row as DeliveryRow)`
    select delivery_id as "deliveryId", state, log_date as "logDate", failure_text as "failureText",
           total_target as "totalTarget", reject, to_deliver as "toDeliver", processed, success, error,
           bounced_later as "bouncedLater", recipient_open as "recipientOpen", recipient_click as "recipientClick",
           total_recipient_click as "totalRecipientClick", opt_out as "optOut"
      from nms_delivery where delivery_id = ${deliveryId}`;
}

/** The ledger of a delivery, counted by status, reason and whether a message was tried more than once. */
export function countLedger(db: Statements, deliveryId: number, logDate: string): Promise<LedgerLine[]> {
  return db.rows((row) => row as LedgerLine)`
    select status, failure_reason as "failureReason", least(attempts, 2)::int as attempts, count(*)::int as count
      from nms_broad_log
     where log_date = ${logDate} and delivery_id = ${deliveryId}
     group by 1, 2, 3`;
}

/** Messages of a delivery that the inbox keeps, by what it did with them; copies of one message count once. */
export function countInbox(db: Statements, messageIdPattern: string): Promise<Tally[]> {
  return db.rows((row) => row as Tally)`
    select verdict as name, count(distinct message_id)::int as count
      from nms_inbox_message
     where message_id like ${messageIdPattern}
     group by 1`;
}

/** Copies that the inbox got beyond the first of each message. */
export function countDuplicates(db: Statements, messageIdPattern: string): Promise<number | undefined> {
  return db.first((row) => (row as { count: number }).count)`
    select (count(*) - count(distinct message_id))::int as count from nms_inbox_message where message_id like ${messageIdPattern}`;
}

/** Notices that the inbox still owes for a delivery: bounces, automatic replies and complaints on their way. */
export function countOwedNotices(db: Statements, messageIdPattern: string): Promise<number | undefined> {
  return db.first((row) => (row as { count: number }).count)`
    select count(*)::int as count from nms_inbox_message where message_id like ${messageIdPattern} and notice_state = 'owed'`;
}

/** Notices that inMail has read for a delivery, by kind. */
export function countInboundMails(db: Statements, deliveryId: number): Promise<Tally[]> {
  return db.rows((row) => row as Tally)`
    select kind as name, count(*)::int as count from nms_inbound_mail where delivery_id = ${deliveryId} group by 1`;
}

/** Messages of a delivery as they arrived, oldest first. */
export function readKeptMessages(
  db: Statements,
  messageIdPattern: string,
  limit: number,
): Promise<{ source: Buffer }[]> {
  return db.rows((row) => row as { source: Buffer })`
    select source from nms_inbox_message
     where message_id like ${messageIdPattern} and verdict = 'delivered'
     order by inbox_message_id limit ${limit}`;
}

/** What the last job of a kind counted. */
export function readLastJob(
  db: Statements,
  kind: string,
): Promise<{ state: string; result: Record<string, unknown> } | undefined> {
  return db.first((row) => row as { state: string; result: Record<string, unknown> })`
    select state, result from xtk_job where kind = ${kind} order by started desc limit 1`;
}
