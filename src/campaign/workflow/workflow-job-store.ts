/** The statements on `xtk_workflow_job`: commands that wait for a server. */

import type { Statements } from "#foundation/database.ts";

import { workflowStates } from "#schemas/codes.ts";

import { parseVariables } from "./parse-rows.ts";
import { type PostedEvent, type WorkflowCommand, workflowChannel, type WorkflowJob } from "./workflow.ts";

/** Stores a command and wakes the servers. A workflow that rests shows from now on that it is about to start. */
export async function insertJob(
  tx: Statements,
  job: {
    readonly workflowId: number;
    readonly command: WorkflowJob["command"];
    readonly parameters: object;
    readonly requestedBy: number;
  },
): Promise<void> {
  const { edited, starting, finished } = workflowStates;
  await tx.run`
    with job as (
      insert into xtk_workflow_job (workflow_id, command, parameters, requested_by)
      values (${job.workflowId}, ${job.command}, ${JSON.stringify(job.parameters)}::jsonb, ${job.requestedBy})
      returning workflow_id
    ), announced as (
      update xtk_workflow set state = ${starting}, last_modified = now()
       where workflow_id = ${job.workflowId} and ${job.command}::text = 'start' and state in (${edited}, ${finished})
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
    select workflow_job_id as id, workflow_id, command, parameters from xtk_workflow_job where applied is null order by workflow_job_id limit ${limit}`;
}

/** Marks a command as applied; answers false when another server was first. */
export async function markApplied(tx: Statements, jobId: number): Promise<boolean> {
  return (
    (await tx.run`update xtk_workflow_job set applied = now() where workflow_job_id = ${jobId} and applied is null`) > 0
  );
}

type JobRow = {
  id: number;
  workflow_id: number;
  command: WorkflowCommand | "postEvent";
  parameters: { variables?: unknown } & Partial<Omit<PostedEvent, "variables">>;
};

function parseJob(raw: unknown): WorkflowJob {
  const { id, workflow_id: workflowId, command, parameters } = raw as JobRow;
  const variables = parseVariables(parameters.variables);
  if (command !== "postEvent") return { id, workflowId, command, variables };
  const { activity = "", transition = "", isComplete = false } = parameters;
  return { id, workflowId, command, event: { activity, transition, variables, isComplete } };
}
