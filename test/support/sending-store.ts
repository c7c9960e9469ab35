/** What tests of sending put into a database, and read from it. */

import type { Database } from "#foundation/database.ts";
import { sql } from "#foundation/sql.ts";
import { deliveryStates } from "#schemas/codes.ts";

/** Recipients `r1@d1.test`, `r2@d2.test`, ... spread over so many domains. */
export async function insertRecipients(db: Database, count: number, domains: number): Promise<void> {
  await db.run`
    insert into nms_recipient (email, email_key, first_name)
    select a, a, 'Reader ' || i from (select i, 'r' || i || '@d' || (i % ${domains}::int + 1) || '.test' as a from generate_series(1, ${count}::int) i) s`;
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
