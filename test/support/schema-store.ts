/** Statements on operators' schemas, for tests. */

import type { Database, Statements } from "#foundation/database.ts";

/** Stores a schema as it was written, over what is there; it is not applied. */
export async function storeSource(db: Statements, name: string, document: string, namespace = "cus"): Promise<void> {
  await db.run`
    insert into xtk_src_schema (namespace, name, document) values (${namespace}, ${name}, ${document})
    on conflict (namespace, name) do update set document = excluded.document`;
}

/** Takes schemas away whose names are like a pattern. */
export async function forgetSources(db: Statements, pattern: string): Promise<void> {
  await db.run`delete from xtk_src_schema where name like ${pattern}`;
}

/** Fills the tables of a test's schemas, and adds what only a person can have added. */
export async function addByHand(db: Database): Promise<void> {
  await db.run`insert into cus_store (code) values ('A1')`;
  await db.run`insert into nms_recipient (email, cus_nick_name, cus_store_id) values ('a@b.example', 'Jo', 1)`;
  await db.run`alter table nms_recipient add column made_by_hand text`;
  await db.run`create index made_by_hand_index on nms_recipient (made_by_hand)`;
}

/** The columns of a table whose names are like a pattern, in order. */
export function columnsOf(db: Statements, table: string, pattern: string): Promise<string[]> {
  return db.rows((row) => (row as { name: string }).name)`
    select a.attname::text as name from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relname = ${table} and a.attnum > 0 and not a.attisdropped and a.attname like ${pattern} order by a.attnum`;
}

/** Recipients with these values of an extension's `loyaltyLevel`. */
export async function insertLoyal(db: Statements, levels: readonly number[]): Promise<void> {
  await db.run`
    insert into nms_recipient (email, email_key, cus_loyalty_level)
    select 'l' || i || '@example.org', 'l' || i || '@example.org', level from unnest(${levels}::smallint[]) with ordinality as l(level, i)`;
}

/** The indexes of a table whose names are like a pattern, by name. */
export function indexesOf(db: Statements, table: string, pattern = "%"): Promise<string[]> {
  return db.rows((row) => (row as { name: string }).name)`
    select indexname::text as name from pg_indexes where tablename = ${table} and indexname like ${pattern} order by 1`;
}
