/** Statements of the bench: an audience with something to exclude, rules, and the bare SQL that a preparation is measured against. */

import type { Database } from "#foundation/database.ts";
import { sql } from "#foundation/sql.ts";
import { addressStatuses } from "#schemas/codes.ts";

/**
 * Recipients over 200 domains: one in 100 is the double of another, 50 opted out, 200 has no valid address, 100 is in quarantine.
 */
export async function makeAudience(db: Database, count: number): Promise<void> {
  await db.run`truncate nms_recipient, nms_address`;
  await db.run`
    insert into nms_recipient (email, email_key, first_name, last_name, gender, language, black_list_email)
    select a, a, 'First' || n % 1000, 'name' || n % 5000, n % 3, case n % 4 when 0 then 'fr' else 'en' end, n % 50 = 3
      from (select n, case when n % 200 = 7 then 'no address ' || n
                           else 'person' || case n % 100 when 1 then n + 1 else n end || '@d' || (n + 1) / 2 % 200 || '.example' end as a
              from generate_series(1, ${count}::int) n) s`;
  await db.run`
    insert into nms_address (address, status)
    select distinct email, ${addressStatuses.quarantined}::smallint from nms_recipient where recipient_id % 100 = 11 and email like '%@%'`;
  await db.run`vacuum analyze nms_recipient`;
  await db.run`vacuum analyze nms_address`;
}

/** What the largest step of a preparation cannot do without: the target written to a table, and nothing else. */
export async function materialise(db: Database): Promise<number> {
  const startedMs = performance.now();
  await db.transaction(async (tx) => {
    await tx.run`create table bench_target as select recipient_id, email, email_domain, email_key from nms_recipient`;
  });
  const seconds = (performance.now() - startedMs) / 1_000;
  await db.run`drop table bench_target`;
  return seconds;
}

/** A typology with a filter that excludes a tenth and a pressure rule of one message a week. */
export async function makeTypology(db: Database): Promise<number> {
  const typologyId = 500;
  await db.run`insert into nms_typology (typology_id, name, label) values (${typologyId}, 'bench', 'Bench')`;
  await db.run`
    insert into nms_typology_rule (typology_rule_id, name, label, type, where_condition, data) values
      (501, 'noSweden', 'Last names that end with 7', 1, '@lastName LIKE ''%7''', '{}'),
      (502, 'oneAWeek', 'One message a week', 2, null, '{"pressure/threshold": 1, "pressure/periodDays": 7}')`;
  await db.run`insert into nms_typology_rule_rel (typology_id, typology_rule_id) values (${typologyId}, 501), (${typologyId}, 502)`;
  return typologyId;
}

/** Changes what a delivery asks for. */
export async function ask(
  db: Database,
  deliveryId: number,
  { typologyId, settings }: { typologyId: number; settings: Readonly<Record<string, unknown>> },
): Promise<void> {
  await db.run`
    update nms_delivery set typology_id = ${typologyId}, data = ${JSON.stringify(settings)}::jsonb where delivery_id = ${deliveryId}`;
}

/** What stands in the database of a delivery, counted anew. */
export async function countLedger(
  db: Database,
  deliveryId: number,
): Promise<{ rows: number; pending: number; inParts: number; isEachOnce: boolean }> {
  const counts = await db.first((row) => row as { rows: number; pending: number; distinct: number; in_parts: number })`
    select count(*) as rows, count(*) filter (where status = 6) as pending, count(distinct recipient_id) as distinct,
           (select coalesce(sum(message_count), 0)::bigint from nms_delivery_part where delivery_id = ${deliveryId}) as in_parts
      from nms_broad_log where delivery_id = ${deliveryId}`;
  const { rows = 0, pending = 0, distinct = 0, in_parts: inParts = 0 } = counts ?? {};
  return { rows, pending, inParts, isEachOnce: rows === distinct };
}

/** Marks a fifth of a delivery's messages as sent, an hour ago, so that pressure has something to count. */
export async function sendSome(db: Database, deliveryId: number): Promise<void> {
  await db.run`
    update nms_broad_log set status = 1, event_date = now() - interval '1 hour' where delivery_id = ${deliveryId} and status = 6 and recipient_id % 5 = 0`;
  await db.run`update nms_delivery set state = 95, finished = now() where delivery_id = ${deliveryId}`;
}

/** Forgets what earlier rounds have left. */
export async function clear(db: Database): Promise<void> {
  for (const table of ["nms_broad_log", "nms_delivery_part", "nms_delivery"])
    await db.run`truncate ${sql.table(table)}`;
}

/** What a server at work has every five minutes, or every gigabyte: changed pages are written, files of the write-ahead log are taken again. */
export async function checkpoint(db: Database): Promise<void> {
  await db.run`checkpoint`;
}

/** A process of the database server. */
export async function readBackendPid(db: Database): Promise<number> {
  return (await db.first((row) => (row as { pid: number }).pid)`select pg_backend_pid() as pid`) ?? 0;
}
