/** Builds workflows for tests, and says what became of them. */

import { createWorkflow } from "#campaign/workflow/create-workflow.ts";
import { listJournalLines } from "#campaign/workflow/workflow-log-store.ts";
import { readWorkflow } from "#campaign/workflow/workflow-store.ts";
import type { WorkflowCommand } from "#campaign/workflow/workflow.ts";
import { requestCommand } from "#campaign/workflow/request-command.ts";
import type { Database } from "#foundation/database.ts";

type Arrow = Readonly<Record<string, string | null>>;
type Node = { readonly type: string; readonly settings?: Readonly<Record<string, unknown>>; readonly to?: Arrow };

/** A definition from activities by name; `to` says where each transition leads. */
export function aDefinition(nodes: Readonly<Record<string, Node>>): unknown {
  return {
    activities: Object.entries(nodes).map(([name, { type, settings = {}, to = {} }]) => ({
      type,
      name,
      label: name,
      settings,
      transitions: Object.entries(to).map(([transition, target]) => ({ name: transition, target })),
    })),
  };
}

/** A stored workflow; answers its id. */
export function aWorkflow(db: Database, internalName: string, nodes: Readonly<Record<string, Node>>): Promise<number> {
  return createWorkflow(db, { internalName, definition: aDefinition(nodes) });
}

/** Recipients with ids from 1, `r1@example.org` and so on. */
export async function someRecipients(db: Database, count: number): Promise<void> {
  await db.run`
    insert into nms_recipient (recipient_id, email, gender) select i, 'r' || i || '@example.org', i % 3 from generate_series(1, ${count}::integer) i`;
}

/** Orders a command as an operator does. */
export async function order(db: Database, workflow: string, command: WorkflowCommand): Promise<void> {
  await requestCommand(db, { workflow, command });
}

export type RunHistory = {
  readonly state: number;
  readonly hasFailed: boolean;
  /** `activity:status`, oldest first. */
  readonly tasks: readonly string[];
  /** `activity.transition`, oldest first. */
  readonly events: readonly string[];
  readonly journal: readonly string[];
};

/** What the tables say of a workflow's last run. */
export async function historyOf(db: Database, workflowId: number): Promise<RunHistory> {
  const workflow = await readWorkflow(db, workflowId);
  const run = workflow?.runNumber ?? 0;
  const tasks = await db.rows((row) => (row as { line: string }).line)`
    select activity || ':' || status as line from xtk_workflow_task where workflow_id = ${workflowId} and run_number = ${run} order by workflow_task_id`;
  const events = await db.rows((row) => (row as { line: string }).line)`
    select t.activity || '.' || e.transition as line from xtk_workflow_event e join xtk_workflow_task t using (workflow_task_id)
     where e.workflow_id = ${workflowId} and e.run_number = ${run} order by workflow_event_id`;
  const journal = (await listJournalLines(db, workflowId, 100)).map(({ message }) => message);
  return { state: workflow?.state ?? -1, hasFailed: workflow?.hasFailed ?? false, tasks, events, journal };
}

/** The work tables that exist. */
export function workTables(db: Database): Promise<string[]> {
  return db.rows(
    (row) => (row as { name: string }).name,
  )`select relname as name from pg_class where relkind = 'r' and relname like 'wkf%' order by 1`;
}
