/** The statements on `xtk_workflow_job`: commands that wait for a server. */

import type { Statements } from "#foundation/database.ts";

import { type WorkflowCommand, workflowChannel, type WorkflowJob } from "./workflow.ts";

/** Stores a command and wakes the servers. */
export async function insertJob(
  tx: Statements,
  workflowId: number,
  command: WorkflowCommand,
  requestedBy: number,
): Promise<void> {
  await tx.run`
    with job as (
      insert into xtk_workflow_job (workflow_id, command, requested_by) values (${workflowId}, ${command}, ${requestedBy}) returning workflow_id
    )
    select pg_notify(${workflowChannel}, workflow_id::text) from job`;
}

/** Tells servers and runners that something changed for a workflow. */
export async function notifyWorkflow(tx: Statements, workflowId: number): Promise<void> {
  await tx.run`select pg_notify(${workflowChannel}, ${String(workflowId)}::text)`;
}

/** The commands that wait, oldest first. */
export function listWaitingJobs(db: Statements, limit: number): Promise<WorkflowJob[]> {
  return db.rows(parseJob)`
    select workflow_job_id as id, workflow_id, command from xtk_workflow_job where applied is null order by workflow_job_id limit ${limit}`;
}

/** Marks a command as applied; answers false when another server was first. */
export async function markApplied(tx: Statements, jobId: number): Promise<boolean> {
  return (
    (await tx.run`update xtk_workflow_job set applied = now() where workflow_job_id = ${jobId} and applied is null`) > 0
  );
}

function parseJob(raw: unknown): WorkflowJob {
  const { id, workflow_id: workflowId, command } = raw as { id: number; workflow_id: number; command: WorkflowCommand };
  return { id, workflowId, command };
}
