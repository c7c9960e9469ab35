/** What tests of sending put into a database, and read from it. */

import { randomBytes } from "node:crypto";

import { type Database, type DatabaseAddress, openDatabase } from "#foundation/database.ts";
import { sql } from "#foundation/sql.ts";
import { deliveryStates } from "#schemas/codes.ts";

import type { Ending } from "./endings.ts";

/** Recipients `r1@d1.test`, `r2@d2.test`, ... spread over so many domains. */
export async function insertRecipients(db: Database, count: number, domains: number): Promise<void> {
  await db.run`
    insert into nms_recipient (email, email_key, first_name)
    select a, a, 'Reader ' || i from (select i, 'r' || i || '@d' || (i % ${domains}::int + 1) || '.test' as a from generate_series(1, ${count}::int) i) s`;
}

/** Recipients with these addresses. */
export async function insertAddresses(db: Database, addresses: readonly string[]): Promise<void> {
  await db.run`
    insert into nms_recipient (email, email_key, first_name)
    select a, lower(a), 'Reader' from unnest(${addresses}::text[]) a`;
}

/** Makes our patience with these exchangers as short as a test's, by rules before all others; stat reads them at its start. */
export async function shortenTimeouts(db: Database, hosts: readonly string[], seconds: number): Promise<void> {
  await db.run`
    insert into nms_mx_rule (position, mask, connection_timeout_sec, data_timeout_sec, other_timeout_sec)
    select -1, host, ${seconds}, ${seconds}, ${seconds} from unnest(${hosts}::text[]) host`;
}

/** Puts a rule that requires TLS of an exchanger before all others, as patient as those are. */
export async function requireTls(db: Database, host: string): Promise<void> {
  await db.run`
    insert into nms_mx_rule (position, mask, tls, connection_timeout_sec, data_timeout_sec, other_timeout_sec)
    select -1, ${host}, 'required', connection_timeout_sec, data_timeout_sec, other_timeout_sec
      from nms_mx_rule order by position limit 1`;
}

export type DeliveryFigures = {
  readonly state: number;
  readonly processed: number;
  readonly success: number;
  readonly error: number;
};

/** State and counters of a delivery. */
export async function readDelivery(db: Database, deliveryId: number): Promise<DeliveryFigures> {
  const row = await db.first((raw) => raw as DeliveryFigures)`
    select state, processed, success, error from nms_delivery where delivery_id = ${deliveryId}`;
  if (row === undefined) throw new Error(`there is no delivery ${deliveryId}`);
  return row;
}

/** Stores a personalization block, in place of what it was. */
export async function setView(db: Database, name: string, html: string, text: string): Promise<void> {
  await db.run`
    insert into nms_include_view (folder_id, name, label, html_source, text_source) values (22, ${name}, ${name}, ${html}, ${text})
    on conflict (name) do update set html_source = excluded.html_source, text_source = excluded.text_source`;
}

/** What an operator reads about a delivery that failed: its text, and the errors of its journal. */
export async function readFailure(
  db: Database,
  deliveryId: number,
): Promise<{ text: string; errors: readonly string[] }> {
  const text = await db.first((raw) => (raw as { text: string | null }).text)`
    select failure_text as text from nms_delivery where delivery_id = ${deliveryId}`;
  const errors = await db.rows((raw) => (raw as { message: string }).message)`
    select message from xtk_job_log where job_id = ${deliveryId} and object_schema = 'nms:delivery' and level = 'error'`;
  return { text: text ?? "", errors };
}

export type MessageRow = {
  readonly address: string;
  readonly status: number;
  readonly failureType: number;
  readonly failureReason: number;
  readonly attempts: number;
  readonly isInDoubt: boolean;
};

/** The messages of a delivery, by address. */
export function readMessages(db: Database, deliveryId: number): Promise<MessageRow[]> {
  return db.rows((raw) => raw as MessageRow)`
    select address, status, failure_type as "failureType", failure_reason as "failureReason", attempts, is_in_doubt as "isInDoubt"
      from nms_broad_log where delivery_id = ${deliveryId} order by address`;
}

/** What the ledger keeps as the reason of each message that was refused or is tried again, by address. */
export async function readReasons(db: Database, deliveryId: number): Promise<ReadonlyMap<string, string>> {
  const rows = await db.rows((raw) => raw as { address: string; text: string })`
    select l.address, m.text from nms_broad_log l join nms_broad_log_msg m using (broad_log_msg_id)
     where l.delivery_id = ${deliveryId}`;
  return new Map(rows.map(({ address, text }) => [address, text]));
}

export type PartRow = {
  readonly partId: number;
  readonly state: string;
  readonly attempts: number;
  readonly childId: string | null;
  readonly notBefore: Date;
};

/** The parts of a delivery. */
export function readParts(db: Database, deliveryId: number): Promise<PartRow[]> {
  return db.rows((raw) => raw as PartRow)`
    select delivery_part_id as "partId", state, attempts, child_id as "childId", not_before as "notBefore"
      from nms_delivery_part where delivery_id = ${deliveryId} order by delivery_part_id`;
}

/** Names the addresses that a delivery is to be sent from. */
export function setAffinity(db: Database, deliveryId: number, affinity: string): Promise<number> {
  return db.run`update nms_delivery set affinity = ${affinity} where delivery_id = ${deliveryId}`;
}

/** The same, once it is prepared. */
export function setAffinityOfParts(db: Database, deliveryId: number, affinity: string): Promise<number> {
  return db.run`update nms_delivery_part set affinity = ${affinity} where delivery_id = ${deliveryId}`;
}

/** Addresses of the quarantine, with their status. */
export function readQuarantine(db: Database): Promise<{ address: string; status: number; errorCount: number }[]> {
  return db.rows((raw) => raw as { address: string; status: number; errorCount: number })`
    select address, status, error_count as "errorCount" from nms_address order by address`;
}

/** Lets so many sessions be open to each host at the same time. */
export function allowSessions(db: Database, count: number): Promise<number> {
  return db.run`update nms_mx_rule set max_connections = ${count}`;
}

/** Connections that wait for notices, those of other databases left out. */
export async function countListeners(db: Database): Promise<number> {
  const count = await db.first((raw) => (raw as { count: number }).count)`
    select count(*) as count from pg_stat_activity where datname = current_database() and query ilike 'listen%'`;
  return count ?? 0;
}

/** Sessions of the database that are not the test's own. */
export async function countOtherSessions(db: Database): Promise<number> {
  const count = await db.first((raw) => (raw as { count: number }).count)`
    select count(*) as count from pg_stat_activity
     where datname = current_database() and backend_type = 'client backend' and application_name <> current_setting('application_name')`;
  return count ?? 0;
}

/** Lets postponed parts be claimed now, as if their time had come. */
export function hurryParts(db: Database, deliveryId: number): Promise<number> {
  return db.run`update nms_delivery_part set not_before = now() where delivery_id = ${deliveryId} and state = 'waiting'`;
}

/** Lets every lease run out. */
export function expireLeases(db: Database): Promise<number> {
  return db.run`update nms_delivery_part set claimed_until = now() - interval '1 second' where state = 'claimed'`;
}

/** Makes every write to the database fail, as on a standby, or allows it again. */
export async function setReadOnly(db: Database, isReadOnly: boolean): Promise<void> {
  const name = await db.first((raw) => (raw as { name: string }).name)`select current_database() as name`;
  await db.transaction(async (tx) => {
    await tx.run`set transaction read write`;
    await tx.run`alter database ${sql.ref(name ?? "")} set default_transaction_read_only = ${sql.raw(String(isReadOnly))}`;
  });
  // The setting holds for sessions that begin: every other one is ended, ours too, which therefore fails.
  await db.run`
    select pg_terminate_backend(pid)
      from (select pid from pg_stat_activity where datname = current_database() order by pid = pg_backend_pid() offset 0) s`.catch(
    () => 0,
  );
  for (let good = 0; good < 5; ) {
    const works = await db.run`select 1`.then(
      () => true,
      () => false,
    );
    good = works ? good + 1 : 0;
  }
}

/** Ends every session of the database but our own. */
export async function cutConnections(db: Database): Promise<void> {
  await db.run`
    select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name <> current_setting('application_name')`;
}

/** Writes to every message of a delivery, and changes nothing. */
export function touchMessages(db: Database, deliveryId: number): Promise<number> {
  return db.run`update nms_broad_log set attempts = attempts where delivery_id = ${deliveryId}`;
}

/** Moves the end of a delivery's validity. */
export function setValidity(db: Database, deliveryId: number, validUntil: Date): Promise<number> {
  return db.run`update nms_delivery set validity_date = ${validUntil} where delivery_id = ${deliveryId}`;
}

/** A delivery in progress with one part of so many pending messages, as the preparation leaves it. */
export async function aPendingPart(
  db: Database,
  count: number,
): Promise<{ deliveryId: number; firstBroadLogId: number }> {
  const deliveryId = await db.first((raw) => (raw as { id: number }).id)`
    insert into nms_delivery (internal_name, state, log_date, total_target, to_deliver, started)
    values ('pending', ${deliveryStates.inProgress}, '2026-11-21', ${count}, ${count}, now()) returning delivery_id as id`;
  const firstBroadLogId = 5_001;
  await db.run`
    insert into nms_broad_log (broad_log_id, log_date, delivery_id, recipient_id, address)
    select ${firstBroadLogId}::bigint + i, '2026-11-21', ${deliveryId}::bigint, i, 'r' || i || '@d.test' from generate_series(0, ${count - 1}::int) i`;
  await db.run`
    insert into nms_delivery_part (delivery_id, log_date, first_broad_log_id, last_broad_log_id, message_count)
    values (${deliveryId}, '2026-11-21', ${firstBroadLogId}, ${firstBroadLogId + count - 1}, ${count})`;
  return { deliveryId: deliveryId ?? 0, firstBroadLogId };
}

/** Ends one session of the database that is not ours, chosen by a number from 0 up to 1; answers how many it ended. */
export function cutOneConnection(db: Database, chance: number): Promise<number> {
  return db.run`
    with others as (select pid, row_number() over (order by pid) - 1 as place, count(*) over () as total from pg_stat_activity
                     where datname = current_database() and application_name <> current_setting('application_name'))
    select pg_terminate_backend(pid) from others where place = floor(${chance}::float8 * total)`;
}

/** Lets so many sessions of plain roles be open to the database; -1 = as many as there are. */
export async function limitConnections(db: Database, count: number): Promise<void> {
  const name = await db.first((raw) => (raw as { name: string }).name)`select current_database() as name`;
  await db.run`alter database ${sql.ref(name ?? "")} connection limit ${sql.raw(String(count))}`;
}

/** A way in with the rights of the owner and without those of a superuser, whom no limit binds. Gone at the end of the test. */
export async function aPlainRole(t: Ending, address: DatabaseAddress): Promise<{ readonly address: DatabaseAddress }> {
  const name = `plain_${randomBytes(6).toString("hex")}`;
  const administer = async (work: (db: Database) => Promise<unknown>): Promise<void> => {
    const db = openDatabase({ address, applicationName: "test-admin", maxConnections: 1 });
    try {
      await work(db);
    } finally {
      await db.close();
    }
  };
  await administer((db) => db.run`create role ${sql.ref(name)} login in role postrider`);
  t.after(() =>
    administer(async (db) => {
      await db.run`select pg_terminate_backend(pid) from pg_stat_activity where usename = ${name}`;
      await db.run`reassign owned by ${sql.ref(name)} to postrider`;
      await db.run`drop role ${sql.ref(name)}`;
    }),
  );
  const url = new URL(address.url);
  url.username = name;
  return { address: { url: url.href } };
}

/** Does something while nobody else may touch these tables. */
export function whileTablesAreLocked(
  db: Database,
  tables: readonly string[],
  work: () => Promise<unknown>,
): Promise<void> {
  return db.transaction(async (tx) => {
    for (const table of tables) await tx.run`lock table ${sql.ref(table)} in access exclusive mode`;
    await work();
  });
}

/** Lets sessions that begin from now on look for deadlocks after so short a wait. */
export async function findDeadlocksSoon(db: Database, waitMs: number): Promise<void> {
  const name = await db.first((raw) => (raw as { name: string }).name)`select current_database() as name`;
  await db.run`alter database ${sql.ref(name ?? "")} set deadlock_timeout = ${sql.raw(String(waitMs))}`;
}

/** How many transactions of the database were ended since it was made, as they were in a deadlock. */
export async function countDeadlocks(db: Database): Promise<number> {
  const count = await db.first((raw) => (raw as { count: number }).count)`
    select deadlocks as count from pg_stat_database where datname = current_database()`;
  return count ?? 0;
}

/**
 * Locks the row of a delivery, waits, and locks those of its messages: the order that is not the product's. It has more patience with
 * deadlocks than whoever it meets, so that it is not the one that is ended.
 */
export function crossTheLedger(db: Database, deliveryId: number, waitMs: number): Promise<void> {
  return db.transaction(async (tx) => {
    await tx.run`set local deadlock_timeout = '20s'`;
    await tx.run`select from nms_delivery where delivery_id = ${deliveryId} for update`;
    await tx.run`select pg_sleep(${waitMs / 1_000}::float8)`;
    await tx.run`select from nms_broad_log where delivery_id = ${deliveryId} order by broad_log_id desc for update`;
  });
}

/** Lets so many of a hundred writes to the ledger fail as what cannot be serialized does; answers what ends that. */
export async function failSerialization(db: Database, percent: number): Promise<() => Promise<void>> {
  await db.run`
    create function test_not_serializable() returns trigger language plpgsql as
    $$ begin
      if random() * 100 < ${sql.raw(String(percent))} then
        perform nextval('test_not_serialized');
        raise exception 'could not serialize access due to concurrent update' using errcode = '40001';
      end if;
      return null;
    end $$`;
  await db.run`create sequence test_not_serialized`;
  await db.run`create trigger test_not_serializable before update on nms_broad_log for each statement execute function test_not_serializable()`;
  return async () => {
    await db.run`drop trigger test_not_serializable on nms_broad_log`;
    await db.run`drop function test_not_serializable()`;
  };
}

/** How many writes `failSerialization` has made fail: a sequence is not undone with its transaction. */
export async function countNotSerialized(db: Database): Promise<number> {
  const count = await db.first((raw) => (raw as { count: number }).count)`
    select case when is_called then last_value else 0 end as count from test_not_serialized`;
  return count ?? 0;
}

/** Lets a table, the ledger when left out, refuse every write as a full disk does; answers what gives it room again. */
export async function fillDisk(db: Database, table = "nms_broad_log"): Promise<() => Promise<void>> {
  await db.run`
    create function test_disk_full() returns trigger language plpgsql as
    $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`;
  await db.run`create trigger test_disk_full before insert or update on ${sql.ref(table)} for each row execute function test_disk_full()`;
  return async () => {
    await db.run`drop trigger test_disk_full on ${sql.ref(table)}`;
    await db.run`drop function test_disk_full()`;
  };
}
