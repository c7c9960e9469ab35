/** The statements that write the rows of a delivery's ledger, from `delivery_target`, the table of its preparation. */

import type { Statements } from "#foundation/database.ts";
import { sql, type SqlFragment } from "#foundation/sql.ts";
import { broadLogStatuses, failureTypes } from "#schemas/codes.ts";

export type LedgerRows = {
  readonly deliveryId: number;
  /** `YYYY-MM-DD`, the partition of the rows. */
  readonly logDate: string;
  /** Id of the first row that is written; the others follow without a gap. */
  readonly firstId: number;
};

/** Rows of the preparation's table by where they lie: from a page on, up to another. */
export type Stretch = { readonly fromPage: number; readonly toPage: number };

/** One recipient in so many is counted to know which domains are large; a power of 2. */
const sampleOf = 8;

/** How many pages the preparation's table has. */
export async function countTargetPages(tx: Statements): Promise<number> {
  const pages = await tx.first((row) => (row as { pages: number }).pages)`
    select pg_relation_size('pg_temp.delivery_target') / current_setting('block_size')::int as pages`;
  return pages ?? 0;
}

/**
 * The domains, by the number that places them, that have at least so many recipients to be sent to; by a sample, since nothing but the order
 * of rows depends on it.
 */
export function findLargeDomains(tx: Statements, least: number): Promise<number[]> {
  return tx.rows((row) => (row as { domain: number }).domain)`
    select ${domainOfPlace} as domain from delivery_target
     where reason = 0 and hashint8(recipient_id) & ${sampleOf - 1}::int = 0 group by 1 having count(*) * ${sampleOf}::bigint >= ${least}::bigint`;
}

/**
 * Writes those to be sent to that lie in a stretch and are of some domains, domain by domain.
 * @returns how many rows it wrote
 */
export function insertStretch(
  tx: Statements,
  rows: LedgerRows,
  domains: readonly number[],
  { fromPage, toPage }: Stretch,
): Promise<number> {
  const from = sql`delivery_target where reason = 0 and ${domainOfPlace} = any(${domains}::bigint[])
                      and ctid >= ${`(${fromPage},0)`}::tid and ctid < ${`(${toPage},0)`}::tid`;
  return insertRows(tx, rows, { from, order: sql`place` });
}

/**
 * Writes those to be sent to that are of no such domain, domain by domain, then those excluded.
 * @returns how many rows it wrote
 */
export function insertRest(tx: Statements, rows: LedgerRows, domains: readonly number[]): Promise<number> {
  const rest = domains.length === 0 ? sql`` : sql`where reason <> 0 or ${domainOfPlace} <> all(${domains}::bigint[])`;
  const order = sql`(case when reason = 0 then place else place | (1::bigint << 62) end)`;
  return insertRows(tx, rows, { from: sql`delivery_target ${rest}`, order });
}

/**
 * Writes those to be sent to wave by wave, each domain by domain, then those excluded. Chance decides who is in which wave.
 * @param waveSizes of each wave, in their order
 * @returns how many rows it wrote
 */
export function insertWaves(tx: Statements, rows: LedgerRows, waveSizes: readonly number[]): Promise<number> {
  const firstOfWave = waveSizes.map((_, wave) => 1 + waveSizes.slice(0, wave).reduce((sum, size) => sum + size, 0));
  const from = sql`(select *, width_bucket(row_number() over (partition by reason <> 0 order by hashint8extended(recipient_id, ${rows.deliveryId})),
                                  ${firstOfWave}::bigint[]) as wave from delivery_target) t`;
  return insertRows(tx, rows, { from, order: sql`reason <> 0, wave, place` });
}

/** What `place` holds above the recipient's id. */
const domainOfPlace = sql`(place >> 43)`;

function insertRows(
  tx: Statements,
  { deliveryId, logDate, firstId }: LedgerRows,
  { from, order }: { from: SqlFragment; order: SqlFragment },
): Promise<number> {
  return tx.run`
    insert into nms_broad_log (broad_log_id, log_date, delivery_id, recipient_id, address, status, failure_type, failure_reason, broad_log_msg_id)
    select ${firstId}::bigint - 1 + row_number() over (order by ${order}),
           ${logDate}::date, ${deliveryId}::bigint, recipient_id, coalesce(address, ''),
           case when reason = 0 then ${broadLogStatuses.pending}::smallint else ${broadLogStatuses.ignored}::smallint end,
           case when reason = 0 then ${failureTypes.none}::smallint else ${failureTypes.ignored}::smallint end,
           reason, coalesce(msg_id, 0)
      from ${from}`;
}
