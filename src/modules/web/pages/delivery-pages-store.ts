/** Statements that the pages on deliveries read with. */

import type { Statements } from "#foundation/database.ts";
import type { SqlFragment } from "#foundation/sql.ts";

export type DeliverySummary = {
  readonly deliveryId: number;
  readonly label: string;
  readonly internalName: string;
  readonly state: number;
  readonly created: Date;
  readonly totalTarget: number;
  readonly reject: number;
  readonly toDeliver: number;
  readonly processed: number;
  readonly success: number;
  readonly error: number;
  readonly recipientOpen: number;
  readonly recipientClick: number;
};

export type DeliveryDetail = DeliverySummary & {
  readonly subject: string;
  readonly fromAddress: string;
  readonly fromName: string;
  readonly logDate: string | undefined;
  readonly bouncedLater: number;
  readonly totalOpen: number;
  readonly totalClick: number;
  readonly optOut: number;
  readonly failureText: string | undefined;
  readonly prepared: Date | undefined;
  readonly started: Date | undefined;
  readonly finished: Date | undefined;
};

/** How many messages of a delivery share an outcome and its reason. */
export type ReasonCount = { readonly status: number; readonly failureReason: number; readonly messages: number };

export type DomainCount = {
  readonly domain: string;
  readonly messages: number;
  readonly sent: number;
  readonly failed: number;
  readonly pending: number;
};

/**
 * Deliveries, newest first, below an id; templates are none.
 * @param readable which rows of `nms_delivery d` may be seen
 */
export function listDeliveries(
  db: Statements,
  { before, limit, readable }: { before: number; limit: number; readable: SqlFragment },
): Promise<DeliverySummary[]> {
  return db.rows(parseSummary)`
    select delivery_id, label, internal_name, state, created, total_target, reject, to_deliver, processed, success, error,
           recipient_open, recipient_click
      from nms_delivery d
     where delivery_id < ${before} and not is_model and ${readable}
     order by delivery_id desc
     limit ${limit}`;
}

/**
 * One delivery.
 * @param readable which rows of `nms_delivery d` may be seen
 */
export function findDelivery(
  db: Statements,
  deliveryId: number,
  readable: SqlFragment,
): Promise<DeliveryDetail | undefined> {
  return db.first(parseDetail)`
    select delivery_id, label, internal_name, state, created, total_target, reject, to_deliver, processed, success, error,
           recipient_open, recipient_click, subject, from_address, from_name, log_date, bounced_later, total_recipient_open,
           total_recipient_click, opt_out, failure_text, prepared, started, finished
      from nms_delivery d
     where delivery_id = ${deliveryId} and ${readable}`;
}

/** The messages of a delivery by outcome and reason: one walk over its part of the ledger. */
export function countReasons(db: Statements, deliveryId: number, logDate: string): Promise<ReasonCount[]> {
  return db.rows(parseReason)`
    select status, failure_reason, count(*) as messages
      from nms_broad_log
     where log_date = ${logDate} and delivery_id = ${deliveryId}
     group by status, failure_reason
     order by messages desc, failure_reason`;
}

/** The recipient domains with most messages; who was excluded has none. */
export function countDomains(
  db: Statements,
  deliveryId: number,
  logDate: string,
  limit: number,
): Promise<DomainCount[]> {
  return db.rows((row) => row as DomainCount)`
    select lower(substring(address from '@([^@]*)$')) as domain, count(*) as messages,
           count(*) filter (where status = 1) as sent, count(*) filter (where status = 2) as failed,
           count(*) filter (where status = 6) as pending
      from nms_broad_log
     where log_date = ${logDate} and delivery_id = ${deliveryId} and status <> 0
     group by 1
     order by messages desc, domain
     limit ${limit}`;
}

type SummaryRow = {
  delivery_id: number;
  label: string;
  internal_name: string;
  state: number;
  created: Date;
  total_target: number;
  reject: number;
  to_deliver: number;
  processed: number;
  success: number;
  error: number;
  recipient_open: number;
  recipient_click: number;
};

type DetailRow = SummaryRow & {
  subject: string;
  from_address: string;
  from_name: string;
  log_date: string | null;
  bounced_later: number;
  total_recipient_open: number;
  total_recipient_click: number;
  opt_out: number;
  failure_text: string | null;
  prepared: Date | null;
  started: Date | null;
  finished: Date | null;
};

function parseSummary(row: unknown): DeliverySummary {
  const found = row as SummaryRow;
  return {
    deliveryId: found.delivery_id,
    label: found.label,
    internalName: found.internal_name,
    state: found.state,
    created: found.created,
    totalTarget: found.total_target,
    reject: found.reject,
    toDeliver: found.to_deliver,
    processed: found.processed,
    success: found.success,
    error: found.error,
    recipientOpen: found.recipient_open,
    recipientClick: found.recipient_click,
  };
}

function parseDetail(row: unknown): DeliveryDetail {
  const found = row as DetailRow;
  return {
    ...parseSummary(row),
    subject: found.subject,
    fromAddress: found.from_address,
    fromName: found.from_name,
    logDate: found.log_date ?? undefined,
    bouncedLater: found.bounced_later,
    totalOpen: found.total_recipient_open,
    totalClick: found.total_recipient_click,
    optOut: found.opt_out,
    failureText: found.failure_text ?? undefined,
    prepared: found.prepared ?? undefined,
    started: found.started ?? undefined,
    finished: found.finished ?? undefined,
  };
}

function parseReason(row: unknown): ReasonCount {
  const found = row as { status: number; failure_reason: number; messages: number };
  return { status: found.status, failureReason: found.failure_reason, messages: found.messages };
}
