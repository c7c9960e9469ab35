/**
 * The work tables: `wkf<workflowId>_<n>`, one for each population that a transition carries, n growing. A table is made
 * and filled in the transaction that writes the event, so that it is whole or absent.
 */

import { type SqlFragment, sql } from "#foundation/sql.ts";

import type { Statements } from "#foundation/database.ts";
import { workflowEventStatuses, workflowStates, workflowTaskStatuses } from "#schemas/codes.ts";

/** The name of the table of an event. */
export function workTableName(workflowId: number, eventId: number): string {
  return `wkf${workflowId}_${eventId}`;
}

/** Makes an empty table of recipients' keys. */
export async function createWorkTable(tx: Statements, table: string): Promise<void> {
  await tx.run`create table ${sql.table(table)} (recipient_id bigint primary key)`;
}

/** Fills a table with the recipients that a compiled condition selects, each once. */
export async function fillPopulation(
  tx: Statements,
  table: string,
  { from, where, groupId }: { from: SqlFragment; where: SqlFragment; groupId: number | undefined },
): Promise<void> {
  const isMember =
    groupId === undefined
      ? sql`true`
      : sql`t.recipient_id in (select m.recipient_id from nms_rcp_grp_rel m where m.group_id = ${groupId})`;
  await tx.run`insert into ${sql.table(table)} (recipient_id) select t.recipient_id from ${from} where ${where} and ${isMember} order by 1`;
}

/** Counts a table that is complete, and lets the planner know it. */
export async function measureWorkTable(tx: Statements, table: string): Promise<number> {
  await tx.run`analyze ${sql.table(table)}`;
  return (
    (await tx.first((row) => (row as { count: number }).count)`select count(*) as count from ${sql.table(table)}`) ?? 0
  );
}

/**
 * Work tables that nothing will read any more: no open or failed task and no waiting event of a run that is not over
 * names them. Both lists come from one snapshot, and a table appears together with its event.
 */
export function listIdleWorkTables(db: Statements): Promise<string[]> {
  return db.rows((row) => (row as { name: string }).name)`
    select c.relname as name
      from pg_class c
     where c.relkind = 'r' and c.relname ~ '^wkf[0-9]{1,18}_[0-9]{1,18}$' and pg_table_is_visible(c.oid)
       and not exists (
         select from xtk_workflow w
          where w.workflow_id = substring(c.relname from '^wkf([0-9]+)_')::bigint
            and w.state not in (${workflowStates.edited}, ${workflowStates.finished})
            and (exists (select from xtk_workflow_task t
                          where t.workflow_id = w.workflow_id and t.status in (${workflowTaskStatuses.open}, ${workflowTaskStatuses.failed})
                            and t.variables #>> '{vars,tableName}' = c.relname)
              or exists (select from xtk_workflow_event e
                          where e.workflow_id = w.workflow_id and e.status = ${workflowEventStatuses.pending}
                            and e.variables ->> 'tableName' = c.relname)))
     order by 1`;
}

/** Drops a table; gives up after 2 s when someone reads it. */
export async function dropWorkTable(tx: Statements, table: string): Promise<void> {
  await tx.run`set local lock_timeout = 2000`;
  await tx.run`drop table if exists ${sql.table(table)}`;
}

/** Marks the transaction as one of a workflow's, so that it can be cancelled from elsewhere. */
export async function enterRun(tx: Statements, workflowId: number): Promise<void> {
  await tx.run`select pg_advisory_xact_lock_shared(${runLockClass}::integer, ${workflowId}::integer)`;
}

/** Cancels whatever statement is running for a workflow; what it did is undone. Answers how many there were. */
export function cancelStatements(db: Statements, workflowId: number): Promise<number> {
  return db.run`
    select pg_cancel_backend(pid) from pg_locks
     where locktype = 'advisory' and objsubid = 2 and classid = ${runLockClass}::bigint::oid and objid = ${workflowId}::bigint::oid
       and database = (select oid from pg_database where datname = current_database()) and pid <> pg_backend_pid()`;
}

/** Ends the connections on which a workflow's statements run: of a process that died, or that shall be cut off. */
export function endConnections(db: Statements, workflowId: number): Promise<number> {
  return db.run`
    select pg_terminate_backend(pid) from pg_locks
     where locktype = 'advisory' and objsubid = 2 and classid = ${runLockClass}::bigint::oid and objid = ${workflowId}::bigint::oid
       and database = (select oid from pg_database where datname = current_database()) and pid <> pg_backend_pid()`;
}

/** Tells our advisory locks from those of other programs in the same database. */
const runLockClass = 20_021;
