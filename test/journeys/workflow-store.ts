/** What the journeys of workflows ask the database beside the product. */

import { EventEmitter, once } from "node:events";

import type { Database, Statements } from "#foundation/database.ts";
import { sql } from "#foundation/sql.ts";

export type Hold = { release(): Promise<void> };

/** Holds a table so that whoever reads or writes it waits. */
export function lockingTable(db: Database, table: string): Promise<Hold> {
  return holding(db, async (tx) => void (await tx.run`lock table ${sql.table(table)} in access exclusive mode`));
}

/** Holds the events, so that whoever fires a transition waits at its end, while others may read and close them. */
export async function holdingEvents(db: Database): Promise<Hold> {
  await db.run`create function wait_for_test() returns trigger language plpgsql as 'begin perform pg_advisory_xact_lock_shared(4711); return new; end'`;
  await db.run`create trigger wait_for_test before insert on xtk_workflow_event for each row execute function wait_for_test()`;
  return holding(db, async (tx) => void (await tx.run`select pg_advisory_xact_lock(4711)`));
}

async function holding(db: Database, take: (tx: Statements) => Promise<void>): Promise<Hold> {
  const signals = new EventEmitter();
  const released = once(signals, "release");
  const taken = once(signals, "taken");
  const held = db.transaction(async (tx) => {
    await take(tx);
    signals.emit("taken");
    await released;
  });
  await Promise.race([taken, held]);
  return {
    release: async () => {
      signals.emit("release");
      await held;
    },
  };
}

/** True when a program waits for what another holds. */
export async function waitsForLock(db: Database, program: string): Promise<boolean> {
  const found = await db.first((row) => (row as { found: boolean }).found)`
    select exists (select from pg_locks l join pg_stat_activity a using (pid)
                    where not l.granted and a.application_name like ${`${program}@%`}) as found`;
  return found ?? false;
}

/** The process that holds a workflow, by the number it is known under on this host. */
export async function ownerPidOf(db: Database, workflowId: number): Promise<number | undefined> {
  const owner = await db.first((row) => (row as { owner: string | null }).owner ?? undefined)`
    select owner_process as owner from xtk_workflow where workflow_id = ${workflowId}`;
  return owner === undefined ? undefined : Number(owner.split(":").at(-2));
}

/** The states of all deliveries. */
export function deliveryStatesOf(db: Database): Promise<number[]> {
  return db.rows(
    (row) => (row as { state: number }).state,
  )`select state from nms_delivery where not is_model order by delivery_id`;
}

/** How many connections of a program are in the middle of a statement. */
export async function countOf(db: Database, applicationName: string): Promise<number> {
  const count = await db.first((row) => (row as { count: number }).count)`
    select count(*) as count from pg_stat_activity where application_name = ${applicationName} and state = 'active'`;
  return count ?? 0;
}
