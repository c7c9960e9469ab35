/** The statements on `xtk_workflow`. */

import type { Statements } from "#foundation/database.ts";
import { workflowStates } from "#schemas/codes.ts";

import { parseVariables } from "./parse-rows.ts";
import type { Variables, Workflow, WorkflowStateCode } from "./workflow.ts";

const { started, pausing, stopping, restarting, finished } = workflowStates;

/** Stores a new workflow; answers its id, or undefined when the name is taken. */
export function insertWorkflow(
  db: Statements,
  given: { internalName: string; label: string; definition: unknown; createdBy: number },
): Promise<number | undefined> {
  return db.first((row) => (row as { id: number }).id)`
    insert into xtk_workflow (internal_name, label, definition, created_by, modified_by)
    values (${given.internalName}, ${given.label}, ${JSON.stringify(given.definition)}::jsonb, ${given.createdBy}, ${given.createdBy})
    on conflict (internal_name) do nothing
    returning workflow_id as id`;
}

/** Replaces a workflow's definition; answers false when there is no such workflow. */
export async function updateDefinition(db: Statements, workflowId: number, definition: unknown): Promise<boolean> {
  return (
    (await db.run`
    update xtk_workflow set definition = ${JSON.stringify(definition)}::jsonb, last_modified = now(), modified_by = 0 where workflow_id = ${workflowId}`) >
    0
  );
}

/** A workflow by its id. */
export function readWorkflow(db: Statements, workflowId: number): Promise<Workflow | undefined> {
  return db.first(parseWorkflow)`
    select workflow_id, internal_name, label, state, has_failed, definition, variables, run_number, modified_by,
           case when lease_until > now() then owner_process end as owner
      from xtk_workflow where workflow_id = ${workflowId}`;
}

/** The same, with the row locked until the transaction ends: whoever changes a run takes this lock first. */
export function lockWorkflow(tx: Statements, workflowId: number): Promise<Workflow | undefined> {
  return tx.first(parseWorkflow)`
    select workflow_id, internal_name, label, state, has_failed, definition, variables, run_number, modified_by,
           case when lease_until > now() then owner_process end as owner
      from xtk_workflow where workflow_id = ${workflowId} for update`;
}

/** A workflow's id by its internal name. */
export function findWorkflowId(db: Statements, internalName: string): Promise<number | undefined> {
  return db.first(
    (row) => (row as { id: number }).id,
  )`select workflow_id as id from xtk_workflow where internal_name = ${internalName}`;
}

/** Whether there is a workflow of that id. */
export async function hasWorkflow(db: Statements, workflowId: number): Promise<boolean> {
  return (await db.first(() => true)`select from xtk_workflow where workflow_id = ${workflowId}`) ?? false;
}

export type WorkflowSummary = Omit<Workflow, "definition" | "variables"> & {
  readonly openTasks: number;
  readonly lastModified: Date;
};

/** The first workflows by name, for lists. */
export function listWorkflowRows(db: Statements, limit: number): Promise<WorkflowSummary[]> {
  return db.rows(parseSummary)`
    select w.workflow_id, w.internal_name, w.label, w.state, w.has_failed, w.run_number, w.last_modified,
           case when w.lease_until > now() then w.owner_process end as owner,
           (select count(*) from xtk_workflow_task t where t.workflow_id = w.workflow_id and t.status = 0) as open_tasks
      from xtk_workflow w order by w.internal_name limit ${limit}`;
}

/** Begins a run: the next run number, no failure, these variables. */
export async function markStarted(tx: Statements, workflowId: number, variables: Variables): Promise<number> {
  const runNumber = await tx.first((row) => (row as { run_number: number }).run_number)`
    update xtk_workflow
       set state = ${started}, has_failed = false, run_number = run_number + 1, variables = ${JSON.stringify(variables)}::jsonb,
           started = now(), finished = null, last_modified = now(), owner_host = null, owner_process = null, lease_until = null
     where workflow_id = ${workflowId}
    returning run_number`;
  return runNumber ?? 0;
}

/** Changes the state alone. */
export async function markState(tx: Statements, workflowId: number, state: WorkflowStateCode): Promise<void> {
  await tx.run`update xtk_workflow set state = ${state}, last_modified = now() where workflow_id = ${workflowId}`;
}

/** Sets or clears the mark of a failure. */
export async function markFailed(tx: Statements, workflowId: number, hasFailed: boolean): Promise<void> {
  await tx.run`update xtk_workflow set has_failed = ${hasFailed}, last_modified = now() where workflow_id = ${workflowId}`;
}

/** Ends a run; nobody owns it any more. */
export async function markFinished(tx: Statements, workflowId: number): Promise<void> {
  await tx.run`
    update xtk_workflow
       set state = ${finished}, finished = now(), last_modified = now(), owner_host = null, owner_process = null, lease_until = null
     where workflow_id = ${workflowId}`;
}

export type Owner = { readonly host: string; readonly processId: string; readonly leaseMs: number };

/** Takes a workflow for a process; answers false when another holds it, or there is nothing to run. */
export async function claimWorkflow(db: Statements, workflowId: number, owner: Owner): Promise<boolean> {
  return (
    (await db.run`
    update xtk_workflow
       set owner_host = ${owner.host}, owner_process = ${owner.processId}, lease_until = now() + make_interval(secs => ${owner.leaseMs / 1000}::double precision)
     where workflow_id = ${workflowId} and state = ${started}
       and (owner_process is null or lease_until is null or lease_until <= now())`) > 0
  );
}

/** Lengthens a lease; answers the state of the workflow, or undefined when it is no longer this process's run. */
export function renewLease(
  db: Statements,
  workflowId: number,
  runNumber: number,
  owner: Owner,
): Promise<WorkflowStateCode | undefined> {
  return db.first((row) => (row as { state: WorkflowStateCode }).state)`
    update xtk_workflow set lease_until = now() + make_interval(secs => ${owner.leaseMs / 1000}::double precision)
     where workflow_id = ${workflowId} and owner_process = ${owner.processId} and run_number = ${runNumber}
    returning state`;
}

/** Gives a workflow back, when it is still this process's. */
export async function releaseWorkflow(db: Statements, workflowId: number, processId: string): Promise<void> {
  await db.run`
    update xtk_workflow set owner_host = null, owner_process = null, lease_until = null
     where workflow_id = ${workflowId} and owner_process = ${processId}`;
}

/** Frees what processes of this host hold that are known to be dead; answers how many workflows that were. */
export function releaseDead(db: Statements, host: string, processIds: readonly string[]): Promise<number> {
  return db.run`
    update xtk_workflow set owner_host = null, owner_process = null, lease_until = null
     where owner_host = ${host} and owner_process = any(${processIds}::text[])`;
}

/** The processes of this host that hold a lease. */
export function listOwners(db: Statements, host: string): Promise<string[]> {
  return db.rows((row) => (row as { owner: string }).owner)`
    select owner_process as owner from xtk_workflow where owner_host = ${host} and owner_process is not null`;
}

/**
 * Workflows that a process should run now: started, owned by nobody, and with an event, a due task, or nothing left
 * (then the run has to be finished). Those whose work is oldest come first.
 */
export function listRunnable(db: Statements, limit: number): Promise<number[]> {
  return db.rows((row) => (row as { id: number }).id)`
    select w.workflow_id as id
      from xtk_workflow w
      left join lateral (select min(t.due) as due from xtk_workflow_task t where t.workflow_id = w.workflow_id and t.status = 0) task on true
      left join lateral (select min(e.created) as created from xtk_workflow_event e where e.workflow_id = w.workflow_id and e.status = 0) event on true
     where w.state = ${started} and (w.owner_process is null or w.lease_until is null or w.lease_until <= now())
       and (task.due <= now() or event.created is not null or task.due is null)
     order by least(task.due, event.created) nulls last
     limit ${limit}`;
}

/** Workflows that were told to pause, stop or restart while a process ran them, which is gone since. */
export function listUnsettled(db: Statements): Promise<number[]> {
  return db.rows((row) => (row as { id: number }).id)`
    select workflow_id as id from xtk_workflow
     where state in (${pausing}, ${stopping}, ${restarting}) and (owner_process is null or lease_until is null or lease_until <= now())`;
}

/** Milliseconds until something falls due that no process waits for: a task, or the end of a lease. Undefined when nothing will. */
export function nextDueMs(db: Statements): Promise<number | undefined> {
  return db.first((row) => (row as { wait_ms: number | null }).wait_ms ?? undefined)`
    select ceil(extract(epoch from min(at) - now()) * 1000)::double precision as wait_ms
      from (select min(t.due) as at
              from xtk_workflow_task t join xtk_workflow w using (workflow_id)
             where t.status = 0 and w.state = ${started} and t.due > now() and (w.lease_until is null or w.lease_until <= now())
            union all
            select min(lease_until) from xtk_workflow
             where state in (${started}, ${pausing}, ${stopping}, ${restarting}) and lease_until > now()) as times`;
}

type WorkflowRow = {
  workflow_id: number;
  internal_name: string;
  label: string;
  state: WorkflowStateCode;
  has_failed: boolean;
  definition: unknown;
  variables: unknown;
  run_number: number;
  owner: string | null;
  modified_by: number;
};

function parseWorkflow(raw: unknown): Workflow {
  const row = raw as WorkflowRow;
  return {
    id: row.workflow_id,
    internalName: row.internal_name,
    label: row.label,
    state: row.state,
    hasFailed: row.has_failed,
    definition: row.definition,
    variables: parseVariables(row.variables),
    runNumber: row.run_number,
    owner: row.owner ?? undefined,
    modifiedBy: row.modified_by,
  };
}

function parseSummary(raw: unknown): WorkflowSummary {
  const { definition: _, variables: __, ...workflow } = parseWorkflow(raw);
  const row = raw as { open_tasks: number; last_modified: Date };
  return { ...workflow, openTasks: row.open_tasks, lastModified: row.last_modified };
}
