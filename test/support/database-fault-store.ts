/** Faults of a database that are played by triggers, while everything else of it works. */

import type { Database } from "#foundation/database.ts";
import { isDatabaseUnwritable } from "#foundation/database-errors.ts";
import { sql } from "#foundation/sql.ts";

/** Lets each statement that writes to these tables take so long; the answered function ends that, and says how many did. */
export async function slowWrites(
  db: Database,
  tables: readonly string[],
  pauseMs: number,
): Promise<() => Promise<number>> {
  await db.run`create sequence test_slow_writes`;
  await db.run`
    create function test_slow_write() returns trigger language plpgsql as
    $$ begin perform nextval('test_slow_writes'); perform pg_sleep(${sql.raw(String(pauseMs / 1_000))}); return null; end $$`;
  for (const table of tables)
    await db.run`create trigger test_slow_write before insert or update on ${sql.ref(table)} for each statement execute function test_slow_write()`;
  return async () => {
    const count = await db.first((raw) => (raw as { count: number }).count)`
      select case when is_called then last_value else 0 end as count from test_slow_writes`;
    for (const table of tables) await db.run`drop trigger test_slow_write on ${sql.ref(table)}`;
    await db.run`drop function test_slow_write()`;
    return count ?? 0;
  };
}

/** A tablespace on a small disk, where each change of a row of the ledger asks for further room. */
export type SmallDisk = {
  /** Fills what is left, and answers what frees it again. */
  fill(): Promise<() => Promise<void>>;
  /** Moves the ledger back, so that the disk may go. */
  leave(): Promise<void>;
};

/** The system's user that the server runs as is the owner of this folder. */
export async function dataFolderOf(db: Database): Promise<string> {
  return (
    (await db.first((raw) => (raw as { folder: string }).folder)`select current_setting('data_directory') as folder`) ??
    ""
  );
}

/** Moves the partitions of the ledger that have rows to a folder of a small disk. */
export async function moveLedger(db: Database, folder: string): Promise<SmallDisk> {
  const name = `small_${process.pid}`;
  await db.run`create tablespace ${sql.ref(name)} location ${sql.raw(`'${folder}'`)}`;
  const partitions = await db.rows((raw) => (raw as { name: string }).name)`
    select distinct tableoid::regclass::text as name from nms_broad_log`;
  const moveTo = async (tablespace: string): Promise<void> => {
    for (const partition of partitions)
      await db.run`alter table ${sql.ref(partition)} set tablespace ${sql.ref(tablespace)}`;
  };
  // Full pages: a changed row finds no place on its own.
  for (const partition of partitions) {
    await db.run`alter table ${sql.ref(partition)} set (fillfactor = 100)`;
    await db.run`vacuum full ${sql.ref(partition)}`;
  }
  await moveTo(name);
  return {
    fill: async () => {
      await db.run`create table test_filler (filler text) tablespace ${sql.ref(name)}`;
      await db.run`alter table test_filler alter column filler set storage plain`;
      for (const rows of [1_000, 100, 10, 1]) await fillWith(db, rows);
      return () => db.run`drop table test_filler`.then(() => undefined);
    },
    leave: async () => {
      await moveTo("pg_default");
      await db.run`drop tablespace ${sql.ref(name)}`;
    },
  };
}

/** Adds rows of a page each until the disk takes no more. */
async function fillWith(db: Database, rows: number): Promise<void> {
  for (;;) {
    try {
      await db.run`insert into test_filler select repeat('x', 8000) from generate_series(1, ${rows}::int)`;
    } catch (error) {
      if (isDatabaseUnwritable(error)) return;
      throw error;
    }
  }
}
