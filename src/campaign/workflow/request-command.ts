/** Orders a workflow to start, pause, stop and so on. The order is stored; a server applies it when it sees it. */

import type { Statements } from "#foundation/database.ts";

import { workflowUnknown } from "./errors.ts";
import type { WorkflowCommand } from "./workflow.ts";
import { insertJob } from "./workflow-job-store.ts";
import { findWorkflowId } from "./workflow-store.ts";

/**
 * Stores a command and wakes the servers.
 * @param workflow its internal name
 * @returns the workflow's id
 * @throws workflowUnknown
 */
export async function requestCommand(
  db: Statements,
  {
    workflow,
    command,
    requestedBy = 0,
  }: { readonly workflow: string; readonly command: WorkflowCommand; readonly requestedBy?: number },
): Promise<number> {
  const id = await findWorkflowId(db, workflow);
  if (id === undefined) throw workflowUnknown({ workflow });
  await insertJob(db, id, command, requestedBy);
  return id;
}
