/** The statements by which rules exclude: each works on the whole target of a preparation, `delivery_target`, at once. */

import type { CompiledWhere } from "#datamodel/compile-where.ts";
import type { Statements } from "#foundation/database.ts";
import type { Sql } from "#datamodel/expression/compile-sql.ts";
import { sql, type SqlFragment } from "#foundation/sql.ts";
import { broadLogStatuses, deliveryStates, failureReasons } from "#schemas/codes.ts";

/**
 * Excludes who meets a condition.
 * @param condition `joins` and `where` over nms_recipient as `r`
 */
export function excludeByFilter(
  tx: Statements,
  { joins, where }: Pick<CompiledWhere, "joins" | "where">,
  msgId: number,
): Promise<number> {
  return tx.run`
    update delivery_target t set reason = ${failureReasons.excludedByRule}::smallint, msg_id = ${msgId}
     where t.reason = 0 and t.recipient_id in (select r.recipient_id from nms_recipient r ${joins} where ${where})`;
}

/** Excludes whoever is left, by a rule that lets nobody through. */
export function excludeEverybody(tx: Statements, msgId: number): Promise<number> {
  return tx.run`
    update delivery_target set reason = ${failureReasons.excludedByArbitration}::smallint, msg_id = ${msgId} where reason = 0`;
}

/**
 * Excludes who has got, or is to get from a delivery that goes before this one, as many messages as a rule allows in the days up to
 * the contact date; proofs, simulations and SMTP tests are no messages. A heavier delivery goes before, and of equal weights the one with the earlier contact date.
 */
export function excludeByPressure(
  tx: Statements,
  rule: {
    readonly deliveryId: number;
    readonly contactDate: Date;
    readonly threshold: number;
    readonly periodDays: number;
    readonly weight: number;
    readonly msgId: number;
  },
): Promise<number> {
  return tx.run`
    with near as materialized (
      select d.delivery_id, d.log_date,
             d.state between ${deliveryStates.ready} and ${deliveryStates.paused}
             and (d.pressure_weight, -extract(epoch from d.contact_date), -d.delivery_id)
               > (${rule.weight}::smallint, -extract(epoch from ${rule.contactDate}::timestamptz), -${rule.deliveryId}::bigint) as goes_before
        from nms_delivery d
       where d.log_date is not null and d.delivery_id <> ${rule.deliveryId} and not d.is_proof
         and (d.data -> 'sending/verifyMode') is distinct from 'true' and (d.data -> 'sending/testSmtp') is distinct from 'true'
         and d.contact_date <= ${rule.contactDate}::timestamptz + make_interval(days => ${rule.periodDays}::int)
         and (d.finished is null or d.finished >= ${rule.contactDate}::timestamptz - make_interval(days => ${rule.periodDays}::int))),
    counted as (
      select b.recipient_id
        from near n
        join nms_broad_log b on b.log_date = n.log_date and b.delivery_id = n.delivery_id
       where (b.status = ${broadLogStatuses.sent} and b.event_date > ${rule.contactDate}::timestamptz - make_interval(days => ${rule.periodDays}::int))
          or (b.status = ${broadLogStatuses.pending} and n.goes_before)
       group by b.recipient_id having count(*) >= ${rule.threshold})
    update delivery_target t set reason = ${failureReasons.excludedByArbitration}::smallint, msg_id = ${rule.msgId}
      from counted c
     where t.reason = 0 and t.recipient_id = c.recipient_id`;
}

/** Which of who is left, in an order: whoever comes after the first so many, or the first so many. */
export type Portion = { readonly beyond: number } | { readonly first: number };

/** Of who is left, excludes a portion chosen by chance. */
export function excludeByChance(tx: Statements, portion: Portion, reason: number): Promise<number> {
  return excludeRows(
    tx,
    sql`select ctid from delivery_target where reason = 0 order by random() ${boundsOf(portion)}`,
    reason,
  );
}

/**
 * Of who is left, excludes a portion of an order. Whom the order leaves out comes last, and is never among the first.
 * @param ordered all recipients in that order: a query with their key as `c1`
 */
export function excludeByOrder(tx: Statements, portion: Portion, reason: number, ordered: Sql): Promise<number> {
  return excludeRows(
    tx,
    sql`select t.ctid
          from delivery_target t
          left join (select c1 as recipient_id, row_number() over () as place from (${ordered}) o) ranked using (recipient_id)
         where t.reason = 0 ${"first" in portion ? sql`and ranked.place is not null` : sql``}
         order by ranked.place nulls last ${boundsOf(portion)}`,
    reason,
  );
}

/** Rows are named by where they lie: of a table without statistics the planner could not say how to join it best. */
function excludeRows(tx: Statements, rows: SqlFragment, reason: number): Promise<number> {
  return tx.run`update delivery_target set reason = ${reason}::smallint where ctid = any(array(${rows}))`;
}

function boundsOf(portion: Portion): SqlFragment {
  return "first" in portion ? sql`limit ${portion.first}` : sql`offset ${portion.beyond}`;
}
