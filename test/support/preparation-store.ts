/** What tests of preparations put into a database, and read from it. */

import type { Database } from "#foundation/database.ts";

/** Recipients 1, 2, ...: `r1@d1.test`, ... of seven domains, `Last1`, ... */
export async function insertPeople(db: Database, count: number): Promise<void> {
  await db.run`
    insert into nms_recipient (recipient_id, email, email_key, last_name, gender)
    select i, 'r' || i || '@d' || i % 7 || '.test', 'r' || i || '@d' || i % 7 || '.test', 'Last' || i, i % 3
      from generate_series(1, ${count}::integer) i`;
}

export type GivenRule = {
  readonly name: string;
  readonly type: number;
  readonly order?: number;
  readonly phase?: number;
  readonly level?: number;
  readonly where?: string;
  readonly deliveryCondition?: string;
  readonly isActive?: boolean;
  readonly code?: string;
  readonly data?: Readonly<Record<string, unknown>>;
};

/** A typology of rules that were written by the server itself; answers its id. */
export async function insertTypology(
  db: Database,
  rules: readonly GivenRule[],
  typology: { name?: string; affinity?: string } = {},
): Promise<number> {
  const typologyId = await db.first((row) => (row as { id: number }).id)`
    insert into nms_typology (name, label, affinity) values (${typology.name ?? "tests"}, 'Tests', ${typology.affinity ?? ""})
    returning typology_id as id`;
  for (const rule of rules) {
    await db.run`
      with rule as (
        insert into nms_typology_rule (name, label, type, position, phase, level, where_condition, delivery_condition, is_active, code, data)
        values (${rule.name}, ${rule.name}, ${rule.type}, ${rule.order ?? 50}, ${rule.phase ?? 1}, ${rule.level ?? 1}, ${rule.where ?? null},
                ${rule.deliveryCondition ?? null}, ${rule.isActive ?? true}, ${rule.code ?? null}, ${JSON.stringify(rule.data ?? {})}::jsonb)
        returning typology_rule_id)
      insert into nms_typology_rule_rel (typology_id, typology_rule_id) select ${typologyId}, typology_rule_id from rule`;
  }
  return typologyId ?? 0;
}

/** Sets what a delivery asks for beside its content and target. */
export async function setWishes(
  db: Database,
  deliveryId: number,
  wishes: {
    readonly typologyId?: number;
    readonly data?: Readonly<Record<string, unknown>>;
    readonly affinity?: string;
    readonly isProof?: boolean;
    readonly operationId?: number;
    readonly modifiedBy?: number;
  },
): Promise<void> {
  await db.run`
    update nms_delivery
       set typology_id = ${wishes.typologyId ?? 0}, data = ${JSON.stringify(wishes.data ?? {})}::jsonb, affinity = ${wishes.affinity ?? ""},
           is_proof = ${wishes.isProof ?? false}, operation_id = ${wishes.operationId ?? 0}, modified_by = ${wishes.modifiedBy ?? 0}
     where delivery_id = ${deliveryId}`;
}

/** Seed addresses of a delivery, or of a campaign. */
export async function insertSeed(
  db: Database,
  seed: {
    readonly name: string;
    readonly email: string;
    readonly deliveryId?: number;
    readonly operationId?: number;
    readonly firstName?: string;
  },
): Promise<void> {
  await db.run`
    insert into nms_seed_member (internal_name, label, email, delivery_id, operation_id, first_name)
    values (${seed.name}, ${seed.name}, ${seed.email}, ${seed.deliveryId ?? 0}, ${seed.operationId ?? 0}, ${seed.firstName ?? null})`;
}

export type ExcludedRow = { readonly recipientId: number; readonly reason: number; readonly text: string | null };

/** Recipients who were excluded, with the reason and what the ledger says of it. */
export function readExcluded(db: Database, deliveryId: number): Promise<ExcludedRow[]> {
  return db.rows((row) => row as ExcludedRow)`
    select b.recipient_id as "recipientId", b.failure_reason as reason, m.text
      from nms_broad_log b left join nms_broad_log_msg m using (broad_log_msg_id)
     where b.delivery_id = ${deliveryId} and b.status = 0 order by b.recipient_id`;
}

/** Recipients who are to be written to. */
export function readPendingIds(db: Database, deliveryId: number): Promise<number[]> {
  return db.rows((row) => (row as { id: number }).id)`
    select recipient_id as id from nms_broad_log
     where delivery_id = ${deliveryId} and status = 6 and seed_member_id = 0 order by recipient_id`;
}

export type CauseRow = { readonly reason: number; readonly label: string; readonly count: number };

/** Causes of exclusions as they were counted. */
export function readCauses(db: Database, deliveryId: number): Promise<CauseRow[]> {
  return db.rows((row) => row as CauseRow)`
    select failure_reason as reason, label, count from nms_dlv_exclusion where delivery_id = ${deliveryId} order by 1, 2`;
}

export type PreparedPart = {
  readonly wave: number;
  readonly delaySec: number;
  readonly count: number;
  readonly waitsSec: number;
  readonly affinity: string;
  readonly sendingMode: number;
};

/** Parts in their order; `waitsSec` from the contact date, or from the start once there was one. */
export function readPreparedParts(db: Database, deliveryId: number): Promise<PreparedPart[]> {
  return db.rows((row) => row as PreparedPart)`
    select p.wave, p.delay_sec as "delaySec", p.message_count as count, p.affinity, p.sending_mode as "sendingMode",
           round(extract(epoch from p.not_before - coalesce(d.started, d.contact_date)))::int as "waitsSec"
      from nms_delivery_part p join nms_delivery d using (delivery_id)
     where p.delivery_id = ${deliveryId} order by p.first_broad_log_id`;
}

/** Makes pending messages of a delivery sent so many hours ago, and the delivery over. */
export async function pretendSent(db: Database, deliveryId: number, hoursAgo: number): Promise<void> {
  await db.run`
    update nms_broad_log set status = 1, event_date = now() - make_interval(hours => ${hoursAgo}::int)
     where delivery_id = ${deliveryId} and status = 6`;
  await db.run`
    update nms_delivery set state = 95, contact_date = now() - make_interval(hours => ${hoursAgo}::int),
           finished = now() - make_interval(hours => ${hoursAgo}::int) where delivery_id = ${deliveryId}`;
}

/** The audit journal of a delivery. */
export function readJournal(db: Database, deliveryId: number): Promise<string[]> {
  return db.rows((row) => (row as { line: string }).line)`
    select level || ': ' || message as line from xtk_job_log
     where object_schema = 'nms:delivery' and job_id = ${deliveryId} order by job_log_id`;
}
