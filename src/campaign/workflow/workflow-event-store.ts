/** The statements on `xtk_workflow_event`: transitions that were fired. */

import type { Statements } from "#foundation/database.ts";
import { workflowEventStatuses } from "#schemas/codes.ts";

import { parseVariables } from "./parse-rows.ts";
import type { Variables, WorkflowEvent } from "./workflow.ts";

const { pending, processed, cancelled } = workflowEventStatuses;

/** Reserves the number of an event, which is also the number of its work table. */
export async function reserveEventId(tx: Statements): Promise<number> {
  const id = await tx.first((row) => (row as { id: number }).id)`
    select nextval(pg_get_serial_sequence('xtk_workflow_event', 'workflow_event_id')) as id`;
  return id ?? 0;
}

/** Writes a transition that was fired. */
export async function insertEvent(
  tx: Statements,
  given: { id: number; workflowId: number; runNumber: number; taskId: number; transition: string; vars: Variables },
): Promise<void> {
  await tx.run`
    insert into xtk_workflow_event (workflow_event_id, workflow_id, run_number, workflow_task_id, transition, variables)
    values (${given.id}, ${given.workflowId}, ${given.runNumber}, ${given.taskId}, ${given.transition}, ${JSON.stringify(given.vars)}::jsonb)`;
}

/** The oldest transition that has not made its task yet. */
export function findPendingEvent(
  db: Statements,
  workflowId: number,
  runNumber: number,
): Promise<WorkflowEvent | undefined> {
  return db.first(parseEvent)`
    select e.workflow_event_id as id, t.activity as from_activity, e.transition, e.variables
      from xtk_workflow_event e join xtk_workflow_task t using (workflow_task_id)
     where e.workflow_id = ${workflowId} and e.run_number = ${runNumber} and e.status = ${pending}
     order by e.workflow_event_id limit 1`;
}

/** Closes an event for the task it has made; answers false when it was closed already. */
export async function processEvent(tx: Statements, eventId: number, targetActivity: string): Promise<boolean> {
  return (
    (await tx.run`
    update xtk_workflow_event set status = ${processed}, processed = now(), target_activity = ${targetActivity}
     where workflow_event_id = ${eventId} and status = ${pending}`) > 0
  );
}

/** Closes every event that waits. */
export async function cancelEvents(tx: Statements, workflowId: number): Promise<void> {
  await tx.run`update xtk_workflow_event set status = ${cancelled}, processed = now() where workflow_id = ${workflowId} and status = ${pending}`;
}

function parseEvent(raw: unknown): WorkflowEvent {
  const {
    id,
    from_activity: fromActivity,
    transition,
    variables,
  } = raw as { id: number; from_activity: string; transition: string; variables: unknown };
  return { id, fromActivity, transition, vars: parseVariables(variables) };
}
