/**
 * The statements that write a delivery's ledger: whatever the size of the target, a handful of them. They work on a table of the
 * transaction's own, so that nothing is seen and nothing is left of a preparation that does not end.
 */

import type { CompiledWhere } from "#datamodel/compile-where.ts";
import type { Database, Statements } from "#foundation/database.ts";
import { sql } from "#foundation/sql.ts";
import { longestAddress, longestLocalPart, mailAddressPattern } from "#protocols/mime/mail-address.ts";
import { addressStatuses, broadLogStatuses, failureReasons } from "#schemas/codes.ts";

/**
 * Settings of the server for this transaction: the memory of one sort, since the default of PostgreSQL would send each to the disk, and twice
 * that for a table of hashes; no compilation of expressions, which takes longer than it spares here.
 */
export function allowLargeSorts(tx: Statements, megabytes: number): Promise<number> {
  return tx.run`
    select set_config('work_mem', ${`${megabytes}MB`}, true), set_config('hash_mem_multiplier', '2', true), set_config('jit', 'off', true)`;
}

/**
 * Lets the table of the preparation stay in memory: each statement walks through it. PostgreSQL takes this only before the first temporary
 * table of a session; one that has had a preparation keeps what that took.
 */
export function keepTargetInMemory(tx: Statements, megabytes: number): Promise<number> {
  return tx.run`
    select case when pg_my_temp_schema() = 0 then set_config('temp_buffers', ${`${megabytes}MB`}, true) end`;
}

/** Removes what an earlier preparation left. */
export async function deleteFormerLedger(
  tx: Statements,
  deliveryId: number,
  logDate: string | undefined,
): Promise<void> {
  await tx.run`delete from nms_delivery_part where delivery_id = ${deliveryId}`;
  await tx.run`delete from nms_dlv_exclusion where delivery_id = ${deliveryId}`;
  if (logDate !== undefined)
    await tx.run`delete from nms_broad_log where log_date = ${logDate}::date and delivery_id = ${deliveryId}`;
}

/**
 * The place of a recipient in the ledger: those of one domain stand together, in the order of their ids. One number of 62 bits, because to
 * compare texts costs a tenth of a preparation, and more the larger the target is. The bits may be too few for a domain or an id: such rows
 * stand among others, nothing else.
 */
const placeOfRecipient = sql`(coalesce(hashtextextended(r.email_domain, 0), 0) & ${sql.lit(String(2 ** 19 - 1))}::bigint) << 43
                             | (r.recipient_id & ${sql.lit(String(2 ** 43 - 1))}::bigint)`;

const keyOfAddress = sql`coalesce(r.email_key, lower(r.email))`;

/**
 * Collects the recipients, each once, with the first reason that excludes them, 0 for none. `email_key` is null where it is the address
 * itself, and `msg_id` where no rule excludes: each statement walks through this table, and a narrow one is walked through sooner.
 * @param target `joins` and `where` over nms_recipient as `r`
 * @param excludes which exclusions its author has left on; an address that complained is excluded unless all are off
 */
export function collectTarget(
  tx: Statements,
  target: Pick<CompiledWhere, "joins" | "where">,
  excludes: { readonly optOut: boolean; readonly quarantine: boolean; readonly maxErrors: number },
): Promise<number> {
  const { optOut, quarantine, maxErrors } = excludes;
  return tx.run`
    create temporary table delivery_target on commit drop as
    select r.recipient_id, ${placeOfRecipient} as place, hashtextextended(${keyOfAddress}, 0) as key_hash, null::bigint as msg_id,
           case when r.email is null or not (${isAddress}) then ${failureReasons.addressNotSpecified}::smallint
                ${optOut ? sql`when r.black_list or r.black_list_email then ${failureReasons.denylisted}::smallint` : sql``}
                ${optOut || quarantine ? sql`when a.status = ${addressStatuses.denylisted}::smallint then ${failureReasons.denylisted}::smallint` : sql``}
                ${quarantine ? sql`when a.status = ${addressStatuses.quarantined}::smallint then ${failureReasons.quarantined}::smallint` : sql``}
                ${
                  maxErrors > 0
                    ? sql`when a.error_count > ${maxErrors} and a.status <> ${addressStatuses.allowlisted}::smallint then ${failureReasons.badQuality}::smallint`
                    : sql``
                }
                else 0::smallint end as reason,
           r.email as address, nullif(${keyOfAddress}, r.email) as email_key
      from nms_recipient r
      left join nms_address a on a.address = r.email
      ${target.joins}
     where ${target.where}`;
}

const isAddress = sql`r.email ~ ${sql.lit(mailAddressPattern)} and octet_length(r.email) <= ${longestAddress}
                  and octet_length(split_part(r.email, '@', 1)) <= ${longestLocalPart}`;

/**
 * Excludes all but the oldest recipient of each address. Hashes say which few may be doubles, the addresses which of them are. They are
 * sorted, since a table of a million groups is larger than any cache. Rows are named by where they lie: of a table without statistics the
 * planner could not say how to join it best.
 */
export function excludeDoubles(tx: Statements): Promise<number> {
  return tx.run`
    update delivery_target set reason = ${failureReasons.double}
     where ctid = any(array(
             select suspect.row
               from (select ctid as row, recipient_id, min(recipient_id) over (partition by coalesce(email_key, address)) as kept
                       from delivery_target
                      where reason = 0
                        and key_hash in (select key_hash
                                           from (select key_hash from delivery_target where reason = 0 order by key_hash offset 0) sorted
                                          group by key_hash having count(*) > 1)) suspect
              where suspect.recipient_id <> suspect.kept))`;
}

export type TargetCount = { readonly reason: number; readonly msgId: number; readonly count: number };

/** How many recipients each reason, and each rule, excludes; reason 0 is who remains. */
export function countByReason(tx: Statements): Promise<TargetCount[]> {
  return tx.rows((row) => row as TargetCount)`
    select reason, coalesce(msg_id, 0) as "msgId", count(*) as count from delivery_target group by 1, 2 order by 1, 2`;
}

/** How many recipients nothing has excluded yet. */
export async function countRemaining(tx: Statements): Promise<number> {
  const count = await tx.first((row) => (row as { count: number }).count)`
    select count(*) as count from delivery_target where reason = 0`;
  return count ?? 0;
}

/** Keeps the causes of exclusions. */
export function insertExclusions(
  tx: Statements,
  deliveryId: number,
  causes: readonly {
    readonly reason: number;
    readonly ruleId: number;
    readonly label: string;
    readonly count: number;
  }[],
): Promise<number> {
  return tx.run`
    insert into nms_dlv_exclusion (delivery_id, failure_reason, typology_rule_id, label, count)
    select ${deliveryId}, * from unnest(${causes.map(({ reason }) => reason)}::smallint[], ${causes.map(({ ruleId }) => ruleId)}::bigint[],
                                        ${causes.map(({ label }) => label)}::text[], ${causes.map(({ count }) => count)}::bigint[])`;
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

/** Messages of one wave, or those to seed addresses: a run of ids that is cut into parts. */
export type Run = {
  readonly firstId: number;
  readonly count: number;
  readonly wave: number;
  readonly delaySec: number;
};

/** Cuts the rows to be sent to into parts, ranges of ids. */
export function insertParts(
  tx: Statements,
  given: {
    readonly deliveryId: number;
    readonly logDate: string;
    readonly runs: readonly Run[];
    readonly partSize: number;
    readonly priority: number;
    readonly affinity: string;
    readonly sendingMode: number;
    readonly contactDate: Date;
  },
): Promise<number> {
  const { runs, partSize } = given;
  return tx.run`
    insert into nms_delivery_part (delivery_id, log_date, first_broad_log_id, last_broad_log_id, message_count, priority, affinity,
                                   sending_mode, wave, delay_sec, not_before)
    select ${given.deliveryId}, ${given.logDate}::date, first, last, last - first + 1, ${given.priority}, ${given.affinity},
           ${given.sendingMode}, wave, delay_sec, ${given.contactDate}::timestamptz + make_interval(secs => delay_sec)
      from (select run.first_id + n as first, run.first_id - 1 + least(n + ${partSize}::bigint, run.count) as last, run.wave, run.delay_sec
              from unnest(${runs.map(({ firstId }) => firstId)}::bigint[], ${runs.map(({ count }) => count)}::bigint[],
                          ${runs.map(({ wave }) => wave)}::smallint[], ${runs.map(({ delaySec }) => delaySec)}::integer[])
                          run(first_id, count, wave, delay_sec)
             cross join generate_series(0, run.count - 1, ${partSize}::bigint) n) ranges
     order by hashint8(first), first`;
}

/** Seed addresses of a delivery, and of its campaign; an address once. */
export function countSeeds(tx: Statements, deliveryId: number, operationId: number): Promise<number> {
  return tx.run`
    create temporary table delivery_seed on commit drop as
    select distinct on (lower(email)) seed_member_id, email as address
      from nms_seed_member r
     where not is_model and email is not null and ${isAddress}
       and (delivery_id = ${deliveryId} or (operation_id = ${operationId} and operation_id <> 0))
     order by lower(email), seed_member_id`;
}

/** Writes one row for each seed address. */
export function insertSeeds(
  tx: Statements,
  { deliveryId, logDate, firstId }: { readonly deliveryId: number; readonly logDate: string; readonly firstId: number },
): Promise<number> {
  return tx.run`
    insert into nms_broad_log (broad_log_id, log_date, delivery_id, recipient_id, address, status, seed_member_id)
    select ${firstId}::bigint - 1 + row_number() over (order by seed_member_id), ${logDate}::date, ${deliveryId}::bigint, 0, address,
           ${broadLogStatuses.pending}, seed_member_id
      from delivery_seed`;
}

/** A recipient of the target, chosen by chance, whose fields seed addresses take; 0 when there is none. */
export async function pickSample(tx: Statements): Promise<number> {
  const id = await tx.first((row) => (row as { recipient_id: number }).recipient_id)`
    select recipient_id from delivery_target where reason = 0 order by random() limit 1`;
  return id ?? 0;
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
