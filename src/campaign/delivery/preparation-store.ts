/**
 * The statements that write a delivery's ledger: whatever the size of the target, a handful of them. They work on a table of the
 * transaction's own, so that nothing is seen and nothing is left of a preparation that does not end.
 */

import type { CompiledWhere } from "#datamodel/compile-where.ts";
import type { Database, Statements } from "#foundation/database.ts";
import { sql } from "#foundation/sql.ts";
import { longestAddress, longestLocalPart, mailAddressPattern } from "#protocols/mime/mail-address.ts";
import { addressStatuses, broadLogStatuses, failureReasons, failureTypes } from "#schemas/codes.ts";

/** Memory of one sort, for this transaction: the default of PostgreSQL would send each to the disk. */
export function allowLargeSorts(tx: Statements): Promise<number> {
  return tx.run`set local work_mem = '64MB'`;
}

/** Removes the ledger of an earlier preparation. */
export async function deleteFormerLedger(
  tx: Statements,
  deliveryId: number,
  logDate: string | undefined,
): Promise<void> {
  await tx.run`delete from nms_delivery_part where delivery_id = ${deliveryId}`;
  if (logDate !== undefined)
    await tx.run`delete from nms_broad_log where log_date = ${logDate}::date and delivery_id = ${deliveryId}`;
}

/**
 * Collects the recipients, each once, with the first reason that excludes them, 0 for none.
 * @param target `joins` and `where` over nms_recipient as `r`
 */
export function collectTarget(tx: Statements, target: Pick<CompiledWhere, "joins" | "where">): Promise<number> {
  return tx.run`
    create temporary table delivery_target on commit drop as
    select r.recipient_id, r.email as address, r.email_domain, coalesce(r.email_key, lower(r.email)) as email_key,
           case when r.email is null or not (${isAddress}) then ${failureReasons.addressNotSpecified}::smallint
                when r.black_list or r.black_list_email or a.status = ${addressStatuses.denylisted}::smallint then ${failureReasons.denylisted}::smallint
                when a.status = ${addressStatuses.quarantined}::smallint then ${failureReasons.quarantined}::smallint
                else 0::smallint end as reason
      from nms_recipient r
      left join nms_address a on a.address = r.email
      ${target.joins}
     where ${target.where}`;
}

const isAddress = sql`r.email ~ ${sql.lit(mailAddressPattern)} and octet_length(r.email) <= ${longestAddress}
                  and octet_length(split_part(r.email, '@', 1)) <= ${longestLocalPart}`;

/** Excludes all but the oldest recipient of each address. */
export function excludeDoubles(tx: Statements): Promise<number> {
  return tx.run`
    update delivery_target t set reason = ${failureReasons.double}
      from (select email_key, min(recipient_id) as kept
              from delivery_target where reason = 0 group by email_key having count(*) > 1) d
     where t.reason = 0 and t.email_key = d.email_key and t.recipient_id <> d.kept`;
}

/** How many recipients each reason excludes; reason 0 is who remains. */
export async function countByReason(tx: Statements): Promise<ReadonlyMap<number, number>> {
  const rows = await tx.rows((row) => row as { reason: number; count: number })`
    select reason, count(*) as count from delivery_target group by reason order by reason`;
  return new Map(rows.map(({ reason, count }) => [reason, count]));
}

/**
 * Takes a block of ids for ledger rows, at once and for good: not in the preparation's transaction, where it would make others wait.
 * @returns the first of them
 */
export async function reserveBroadLogIds(db: Database, count: number): Promise<number> {
  const last = await db.first((row) => (row as { value: number }).value)`
    insert into xtk_counter (name, value) values ('nms_broad_log', 1000 + ${count}::bigint)
    on conflict (name) do update set value = xtk_counter.value + ${count}::bigint
    returning value`;
  return (last ?? 0) - count + 1;
}

/** Writes one row for each recipient: those to be sent to first, ordered by domain, then those excluded, with the reason. */
export function insertLedger(
  tx: Statements,
  { deliveryId, logDate, firstId }: { readonly deliveryId: number; readonly logDate: string; readonly firstId: number },
): Promise<number> {
  return tx.run`
    insert into nms_broad_log (broad_log_id, log_date, delivery_id, recipient_id, address, status, failure_type, failure_reason)
    select ${firstId}::bigint - 1 + row_number() over (order by reason <> 0, email_domain collate "C", recipient_id),
           ${logDate}::date, ${deliveryId}::bigint, recipient_id, coalesce(address, ''),
           case when reason = 0 then ${broadLogStatuses.pending}::smallint else ${broadLogStatuses.ignored}::smallint end,
           case when reason = 0 then ${failureTypes.none}::smallint else ${failureTypes.ignored}::smallint end,
           reason
      from delivery_target`;
}

/** Cuts the rows to be sent to into parts, ranges of ids. */
export function insertParts(
  tx: Statements,
  given: {
    readonly deliveryId: number;
    readonly logDate: string;
    readonly firstId: number;
    readonly toDeliver: number;
    readonly partSize: number;
    readonly priority: number;
  },
): Promise<number> {
  return tx.run`
    insert into nms_delivery_part (delivery_id, log_date, first_broad_log_id, last_broad_log_id, message_count, priority)
    select ${given.deliveryId}, ${given.logDate}::date, first, last, last - first + 1, ${given.priority}
      from (select ${given.firstId}::bigint + n as first,
                   ${given.firstId}::bigint - 1 + least(n + ${given.partSize}::bigint, ${given.toDeliver}::bigint) as last
              from generate_series(0, ${given.toDeliver}::bigint - 1, ${given.partSize}::bigint) n) ranges
     order by first`;
}

/** The id of a group. */
export function findGroupId(db: Statements, name: string): Promise<number | undefined> {
  return db.first((row) => (row as { group_id: number }).group_id)`select group_id from nms_group where name = ${name}`;
}

/** True when a workflow's table is there and has the column of recipients. */
export async function hasWorkTable(db: Statements, name: string): Promise<boolean> {
  const found = await db.first((row) => (row as { found: boolean }).found)`
    select exists (select from pg_attribute
                    where attrelid = to_regclass(${name}) and attname = 'recipient_id' and not attisdropped) as found`;
  return found === true;
}

/** Today in UTC, by the database's clock, `YYYY-MM-DD`. */
export async function readToday(db: Statements): Promise<string> {
  const today = await db.first(
    (row) => (row as { today: string }).today,
  )`select (now() at time zone 'UTC')::date as today`;
  return today ?? "";
}
