/** The statements on `xtk_workflow_task`: open (0), completed (1), failed (2: runs again when the workflow is resumed), cancelled (3). */

import type { Statements } from "#foundation/database.ts";
import { workflowTaskStatuses } from "#schemas/codes.ts";

import { parseVariables } from "./parse-rows.ts";
import type { Variables, WorkflowTask } from "./workflow.ts";

const { open, completed, failed, cancelled } = workflowTaskStatuses;

/** Makes a task that is due at once. */
export async function insertTask(
  tx: Statements,
  given: { workflowId: number; runNumber: number; activity: string; vars: Variables },
): Promise<void> {
  await tx.run`
    insert into xtk_workflow_task (workflow_id, run_number, activity, variables)
    values (${given.workflowId}, ${given.runNumber}, ${given.activity}, ${JSON.stringify({ vars: given.vars, own: {} })}::jsonb)`;
}

/** The open task that is due first, and now. */
export function findDueTask(db: Statements, workflowId: number, runNumber: number): Promise<WorkflowTask | undefined> {
  return db.first(parseTask)`
    select workflow_task_id as id, activity, due, created, attempts, variables
      from xtk_workflow_task
     where workflow_id = ${workflowId} and run_number = ${runNumber} and status = ${open} and due <= now()
     order by due, workflow_task_id limit 1`;
}

/**
 * The task that an event from outside meets: the open one of the activity, else the one that has ended. Tasks that were
 * made for events alone do not count.
 */
export function findTaskOf(
  tx: Statements,
  given: { readonly workflowId: number; readonly runNumber: number; readonly activity: string },
): Promise<{ readonly id: number; readonly isOpen: boolean; readonly vars: Variables } | undefined> {
  return tx.first((row) => {
    const { id, status, vars } = row as { id: number; status: number; vars: unknown };
    return { id, isOpen: status === open, vars: parseVariables(vars) };
  })`
    select workflow_task_id as id, status, variables -> 'vars' as vars
      from xtk_workflow_task
     where workflow_id = ${given.workflowId} and run_number = ${given.runNumber} and activity = ${given.activity}
       and variables #> '{own,isPosted}' is distinct from 'true'::jsonb
     order by status <> ${open}, workflow_task_id desc limit 1`;
}

/**
 * Makes a task that is over at once: what fires a transition of an activity that was not reached.
 * @param given.isPosted it stands for an event alone, so that the activity may still be reached and take more
 */
export async function insertClosedTask(
  tx: Statements,
  given: { workflowId: number; runNumber: number; activity: string; isPosted: boolean },
): Promise<number> {
  const own = given.isPosted ? { isPosted: true } : {};
  const id = await tx.first((row) => (row as { id: number }).id)`
    insert into xtk_workflow_task (workflow_id, run_number, activity, status, completed, variables)
    values (${given.workflowId}, ${given.runNumber}, ${given.activity}, ${completed}, now(), ${JSON.stringify({ vars: {}, own })}::jsonb)
    returning workflow_task_id as id`;
  return id ?? 0;
}

/** Milliseconds until the next open task is due; undefined when none is open. */
export function nextTaskMs(db: Statements, workflowId: number, runNumber: number): Promise<number | undefined> {
  return db.first((row) => (row as { wait_ms: number | null }).wait_ms ?? undefined)`
    select ceil(extract(epoch from min(due) - now()) * 1000)::double precision as wait_ms
      from xtk_workflow_task where workflow_id = ${workflowId} and run_number = ${runNumber} and status = ${open}`;
}

/** Counts an attempt before it is made: a task that kills its process is known by its count. */
export async function countAttempt(db: Statements, taskId: number): Promise<number> {
  const attempts = await db.first((row) => (row as { attempts: number }).attempts)`
    update xtk_workflow_task set attempts = attempts + 1, started = now() where workflow_task_id = ${taskId} and status = ${open}
    returning attempts`;
  return attempts ?? 0;
}

/** Takes an attempt back that was broken off for no fault of the task. */
export async function takeAttemptBack(db: Statements, taskId: number): Promise<void> {
  await db.run`update xtk_workflow_task set attempts = greatest(attempts - 1, 0) where workflow_task_id = ${taskId} and status = ${open}`;
}

/** Adds to what a task keeps for itself. */
export async function rememberOwn(db: Statements, taskId: number, own: Variables): Promise<void> {
  await db.run`
    update xtk_workflow_task
       set variables = jsonb_set(variables, '{own}', coalesce(variables -> 'own', '{}'::jsonb) || ${JSON.stringify(own)}::jsonb)
     where workflow_task_id = ${taskId}`;
}

/** Closes a task that has done its work; answers false when it was closed already. */
export async function completeTask(tx: Statements, taskId: number): Promise<boolean> {
  return (
    (await tx.run`
    update xtk_workflow_task set status = ${completed}, completed = now(), failure_text = null
     where workflow_task_id = ${taskId} and status = ${open}`) > 0
  );
}

/** Puts a task off; its attempts begin anew. Answers false when it was closed meanwhile. */
export async function postponeTask(tx: Statements, taskId: number, delayMs: number): Promise<boolean> {
  return (
    (await tx.run`
    update xtk_workflow_task set due = now() + make_interval(secs => ${delayMs / 1000}::double precision), attempts = 0
     where workflow_task_id = ${taskId} and status = ${open}`) > 0
  );
}

/** Marks a task as failed, with the reason. */
export async function failTask(tx: Statements, taskId: number, failureText: string): Promise<void> {
  await tx.run`
    update xtk_workflow_task set status = ${failed}, failure_text = ${failureText} where workflow_task_id = ${taskId} and status = ${open}`;
}

/** Makes failed tasks open again, due at once; answers how many there were. */
export function reopenFailedTasks(tx: Statements, workflowId: number, runNumber: number): Promise<number> {
  return tx.run`
    update xtk_workflow_task set status = ${open}, due = now(), attempts = 0, failure_text = null
     where workflow_id = ${workflowId} and run_number = ${runNumber} and status = ${failed}`;
}

/** Closes every task that is open or failed, except one. */
export function cancelTasks(tx: Statements, workflowId: number, exceptTaskId = 0): Promise<number> {
  return tx.run`
    update xtk_workflow_task set status = ${cancelled}, completed = now()
     where workflow_id = ${workflowId} and status in (${open}, ${failed}) and workflow_task_id <> ${exceptTaskId}`;
}

/** Makes every waiting task due now; answers how many there were. */
export function wakeTasks(tx: Statements, workflowId: number): Promise<number> {
  return tx.run`
    update xtk_workflow_task
       set due = now(), variables = jsonb_set(variables, '{own}', coalesce(variables -> 'own', '{}'::jsonb) || '{"isWoken": true}'::jsonb)
     where workflow_id = ${workflowId} and status = ${open} and due > now()`;
}

type TaskRow = {
  id: number;
  activity: string;
  due: Date;
  created: Date;
  attempts: number;
  variables: { vars?: unknown; own?: unknown };
};

function parseTask(raw: unknown): WorkflowTask {
  const { id, activity, due, created, attempts, variables } = raw as TaskRow;
  return {
    id,
    activity,
    due,
    created,
    attempts,
    vars: parseVariables(variables.vars),
    own: parseVariables(variables.own),
  };
}
