/** Monthly partitions of the log tables, made ahead, so that old months can be purged by dropping them. */

import { sql } from "#foundation/sql.ts";

import type { Database, Statements } from "#foundation/database.ts";

/** Tables that are partitioned by month, with what their partitions are made with. */
const partitionedTables = [
  // Each row is updated at least once, those of a part in one transaction: room for all of them in their page spares the indexes.
  { table: "nms_broad_log", options: sql` with (fillfactor = 50)` },
  { table: "nms_tracking_log", options: sql`` },
] as const;

/** Months beyond the current one. */
const monthsAhead = 2;

/**
 * Makes the partitions of this month and the next two; what is there stays. Rows of other months are kept in the default partition.
 * @returns names of the partitions that were made
 */
export async function ensurePartitions(db: Database, now: Date): Promise<string[]> {
  const wanted = partitionedTables.flatMap(({ table, options }) =>
    Array.from({ length: monthsAhead + 1 }, (_, ahead) => {
      const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1));
      const to = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead + 1, 1));
      return {
        table,
        options,
        from: day(from),
        to: day(to),
        name: `${table}_${day(from).slice(0, 7).replace("-", "")}`,
      };
    }),
  );
  const there = new Set(
    await listTables(
      db,
      wanted.map(({ name }) => name),
    ),
  );
  const missing = wanted.filter(({ name }) => !there.has(name));
  if (missing.length === 0) return [];
  return db.transaction(async (tx) => {
    await lockPartitioning(tx);
    const made: string[] = [];
    for (const partition of missing) {
      // PostgreSQL refuses a partition whose rows already lie in the default one; they stay there, and the month with them.
      if ((await listTables(tx, [partition.name])).length > 0 || (await hasDefaultRows(tx, partition))) continue;
      await createPartition(tx, partition);
      made.push(partition.name);
    }
    return made;
  });
}

type Partition = { table: string; name: string; from: string; to: string; options: ReturnType<typeof sql> };

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function listTables(db: Statements, names: readonly string[]): Promise<string[]> {
  // Not to_regclass: after a wait for the lock it may still answer from before it.
  return db.rows((row) => (row as { name: string }).name)`
    select relname as name from pg_class where relname = any(${names}::text[]) and pg_table_is_visible(oid)`;
}

function lockPartitioning(tx: Statements): Promise<number> {
  return tx.run`select pg_advisory_xact_lock(hashtextextended('postrider.partitions', 0))`;
}

async function hasDefaultRows(tx: Statements, { table, from, to }: Partition): Promise<boolean> {
  const found = await tx.first((row) => (row as { found: boolean }).found)`
    select exists (select from ${sql.table(`${table}_default`)}
                    where log_date >= ${from}::date and log_date < ${to}::date) as found`;
  return found === true;
}

function createPartition(tx: Statements, { table, name, from, to, options }: Partition): Promise<number> {
  return tx.run`
    create table ${sql.table(name)} partition of ${sql.table(table)}
       for values from (${sql.lit(from)}) to (${sql.lit(to)})${options}`;
}
