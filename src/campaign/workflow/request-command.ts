/** Orders a workflow to start, pause, stop and so on. The order is stored; a server applies it when it sees it. */

import type { Statements } from "#foundation/database.ts";

import { locateWorkflow, type WorkflowReference } from "./locate-workflow.ts";
import type { Variables, WorkflowCommand } from "./workflow.ts";
import { insertJob } from "./workflow-job-store.ts";

export type CommandRequest = {
  readonly workflow: WorkflowReference;
  readonly command: WorkflowCommand;
  readonly requestedBy?: number;
  /** What a start begins with. */
  readonly variables?: Variables;
};

/**
 * Stores a command and wakes the servers.
 * @returns the workflow's id
 * @throws workflowUnknown
 */
export async function requestCommand(
  db: Statements,
  { workflow, command, requestedBy = 0, variables = {} }: CommandRequest,
): Promise<number> {
  const workflowId = await locateWorkflow(db, workflow);
  await insertJob(db, { workflowId, command, parameters: { variables }, requestedBy });
  return workflowId;
}
