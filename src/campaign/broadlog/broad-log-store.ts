/** The rows of nms_broad_log while messages are sent and bounce, and the counters that follow them. */

import type { Statements } from "#foundation/database.ts";
import { sql, type SqlFragment } from "#foundation/sql.ts";
import { addressStatuses, broadLogStatuses, failureReasons, failureTypes } from "#schemas/codes.ts";

import type { Outcome } from "./outcome.ts";

const { sent, failed, pending, cancelled } = broadLogStatuses;

/**
 * A comparison that no index serves. A ledger that was just written has no statistics yet, and the planner would read a whole delivery
 * by the index on its id instead of a few rows by their keys. For the same reason the keys stand in a materialized list.
 */
function isOf(column: SqlFragment, value: SqlFragment): SqlFragment {
  return sql`(${column} = ${value}) is true`;
}

export type OutcomeWrite = {
  readonly broadLogId: number;
  readonly kind: Outcome["kind"];
  readonly failureType: number;
  readonly failureReason: number;
  readonly broadLogMsgId: number;
  readonly at: Date;
};

export type ChangedRow = {
  readonly broadLogId: number;
  readonly address: string;
  /** A message to a seed address: it counts in no figure. */
  readonly isSeed: boolean;
};

/** A message that a server took. */
export type SentWrite = { readonly broadLogId: number; readonly at: Date };

export type WrittenOutcomes = {
  /** Rows that really changed. */
  readonly changed: number;
  /** Messages among `sentOnes` that changed, those to seed addresses left out. */
  readonly success: number;
  /** Of all among `sentOnes` that changed, the addresses "with errors". */
  readonly withErrors: readonly string[];
  /** Rows of `others` that changed, in the order of their ids. */
  readonly others: readonly ChangedRow[];
};

/**
 * Writes outcomes of one delivery. A final row stays as it is. A message that was cancelled while it was on its way is what the server said.
 * A deferral and a doubt count once, by their time. Rows are locked in the order of their ids. Nearly all messages are sent: of them only
 * what else has to be done comes back.
 */
export async function writeOutcomes(
  tx: Statements,
  { deliveryId, logDate }: { readonly deliveryId: number; readonly logDate: string },
  sentOnes: readonly SentWrite[],
  others: readonly OutcomeWrite[],
): Promise<WrittenOutcomes> {
  const written = await tx.first(parseWritten)`
    with given as materialized (
      select o.*, ${logDate}::date as log_date, ${deliveryId}::bigint as delivery_id from (
        select broad_log_id, 'sent' as kind, 0::smallint as failure_type, 0::smallint as failure_reason, 0::bigint as msg_id,
               to_timestamp(at_ms / 1000) as at, true as is_plain
          from unnest(${numbers(sentOnes.map((o) => o.broadLogId))}::bigint[],
                      ${numbers(sentOnes.map((o) => o.at.getTime()))}::float8[]) s(broad_log_id, at_ms)
        union all
        select g.*, false
          from unnest(${others.map((o) => o.broadLogId)}::bigint[], ${others.map((o) => o.kind)}::text[],
                      ${others.map((o) => o.failureType)}::smallint[], ${others.map((o) => o.failureReason)}::smallint[],
                      ${others.map((o) => o.broadLogMsgId)}::bigint[], ${others.map((o) => o.at)}::timestamptz[])
                      g(broad_log_id, kind, failure_type, failure_reason, msg_id, at)) o),
    locked as (
      select g.*
        from given g
        join nms_broad_log b on b.log_date = g.log_date and b.broad_log_id = g.broad_log_id
       where ${isOf(sql`b.delivery_id`, sql`g.delivery_id`)}
         and (b.status = ${pending} or (b.status = ${cancelled} and g.kind in ('sent', 'failed')))
         and (g.kind in ('sent', 'failed') or g.at > b.event_date)
       order by b.broad_log_id for update of b),
    written as (
      update nms_broad_log b
         set status = case l.kind when 'sent' then ${sent} when 'failed' then ${failed} when 'held' then ${failed} else b.status end,
             failure_type = l.failure_type, failure_reason = l.failure_reason, broad_log_msg_id = l.msg_id,
             attempts = least(b.attempts + 1, 32767), is_in_doubt = b.is_in_doubt or l.kind in ('in_doubt', 'held'), event_date = l.at
        from locked l
       where b.log_date = l.log_date and b.broad_log_id = l.broad_log_id
      returning b.broad_log_id, b.address, b.seed_member_id <> 0 as is_seed, l.is_plain)
    select count(*)::int as changed, count(*) filter (where is_plain and not is_seed)::int as success,
           coalesce(array_agg(address) filter (where is_plain and exists (
             select from nms_address a where a.address = w.address and a.status = ${addressStatuses.withErrors})), '{}') as with_errors,
           json_agg(json_build_array(broad_log_id, address, is_seed) order by broad_log_id) filter (where not is_plain) as others
      from written w`;
  return written ?? { changed: 0, success: 0, withErrors: [], others: [] };
}

/** An array in PostgreSQL's own notation: several times as quick as writing one whose elements may need quotes. */
function numbers(values: readonly number[]): string {
  return `{${values.join(",")}}`;
}

/** Moves a delivery's counters by what its rows moved. */
export function addToCounters(
  tx: Statements,
  deliveryId: number,
  { success, error }: { readonly success: number; readonly error: number },
): Promise<number> {
  return tx.run`
    update nms_delivery
       set processed = processed + ${success + error}, success = success + ${success}, error = error + ${error}, last_modified = now()
     where delivery_id = ${deliveryId}`;
}

/** Failures of allowlisted addresses are errors ignored. */
export function markAllowlisted(tx: Statements, logDate: string, broadLogIds: readonly number[]): Promise<number> {
  return tx.run`
    update nms_broad_log b
       set failure_type = ${failureTypes.ignored}, failure_reason = ${failureReasons.errorIgnored}
      from nms_address a
     where b.log_date = ${logDate}::date and b.broad_log_id = any(${broadLogIds}::bigint[])
       and a.address = b.address and a.status = ${addressStatuses.allowlisted}`;
}

export type BounceWrite = {
  readonly deliveryId: number;
  readonly broadLogId: number;
  readonly failureType: number;
  readonly failureReason: number;
  readonly broadLogMsgId: number;
  readonly at: Date;
};

export type BouncedRow = ChangedRow & {
  readonly deliveryId: number;
  readonly logDate: string;
  readonly wasSent: boolean;
};

/**
 * Sets messages to failed that were sent, or whose answer is not recorded yet; what is failed already stays as it is. Rows are locked
 * in the order of their ids.
 */
export function updateBounced(tx: Statements, bounces: readonly BounceWrite[]): Promise<BouncedRow[]> {
  return tx.rows(parseBounced)`
    with given as materialized (
      select * from unnest(${bounces.map((b) => b.deliveryId)}::bigint[], ${bounces.map((b) => b.broadLogId)}::bigint[],
                           ${bounces.map((b) => b.failureType)}::smallint[], ${bounces.map((b) => b.failureReason)}::smallint[],
                           ${bounces.map((b) => b.broadLogMsgId)}::bigint[], ${bounces.map((b) => b.at)}::timestamptz[])
                    g(delivery_id, broad_log_id, failure_type, failure_reason, msg_id, at)),
    locked as (
      select b.log_date, b.broad_log_id, b.status as old_status, g.failure_type, g.failure_reason, g.msg_id, g.at
        from given g
        join nms_delivery d on d.delivery_id = g.delivery_id
        join nms_broad_log b on b.log_date = d.log_date and b.broad_log_id = g.broad_log_id
       where ${isOf(sql`b.delivery_id`, sql`g.delivery_id`)} and b.status in (${sent}, ${pending}, ${cancelled})
       order by b.broad_log_id for update of b)
    update nms_broad_log b
       set status = ${failed}, failure_type = l.failure_type, failure_reason = l.failure_reason, broad_log_msg_id = l.msg_id, event_date = l.at
      from locked l
     where b.log_date = l.log_date and b.broad_log_id = l.broad_log_id
    returning b.broad_log_id, b.address, b.delivery_id, b.log_date, l.old_status = ${sent} as was_sent, b.seed_member_id <> 0 as is_seed`;
}

export type BounceCount = {
  readonly deliveryId: number /** Counted as sent before. */;
  readonly sent: number;
  readonly notCounted: number;
};

/** Moves the counters of deliveries whose messages bounced, in the order of their ids. */
export function addBouncesToCounters(tx: Statements, counts: readonly BounceCount[]): Promise<number> {
  return tx.run`
    with given as (select * from unnest(${counts.map((c) => c.deliveryId)}::bigint[], ${counts.map((c) => c.sent)}::bigint[],
                                        ${counts.map((c) => c.notCounted)}::bigint[]) g(delivery_id, was_sent, not_counted)),
         locked as (select d.delivery_id from nms_delivery d join given using (delivery_id) order by d.delivery_id for update of d)
    update nms_delivery d
       set success = d.success - g.was_sent, error = d.error + g.was_sent + g.not_counted, processed = d.processed + g.not_counted,
           bounced_later = d.bounced_later + g.was_sent, last_modified = now()
      from locked join given g using (delivery_id)
     where d.delivery_id = locked.delivery_id`;
}

const parseWritten = (row: unknown): WrittenOutcomes => {
  const r = row as {
    changed: number;
    success: number;
    with_errors: string[];
    others: [number, string, boolean][] | null;
  };
  return {
    changed: r.changed,
    success: r.success,
    withErrors: r.with_errors,
    others: (r.others ?? []).map(([broadLogId, address, isSeed]) => ({ broadLogId, address, isSeed })),
  };
};

const parseBounced = (row: unknown): BouncedRow => {
  const r = row as {
    broad_log_id: number;
    address: string;
    delivery_id: number;
    log_date: string;
    was_sent: boolean;
    is_seed: boolean;
  };
  return {
    broadLogId: r.broad_log_id,
    address: r.address,
    isSeed: r.is_seed,
    deliveryId: r.delivery_id,
    logDate: r.log_date,
    wasSent: r.was_sent,
  };
};
