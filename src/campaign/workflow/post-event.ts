/** Tells an activity of a running workflow that something has happened outside of it. */

import type { Statements } from "#foundation/database.ts";

import { eventNotAddressed } from "./errors.ts";
import { locateWorkflow, type WorkflowReference } from "./locate-workflow.ts";
import type { PostedEvent } from "./workflow.ts";
import { insertJob } from "./workflow-job-store.ts";

/**
 * Stores the event and wakes the servers, which put it to the activity. Whether the workflow is started is known only
 * then: an event that comes to one that is not is written into its journal, and lost.
 * @returns the workflow's id
 * @throws workflowUnknown, eventNotAddressed
 */
export async function postEvent(
  db: Statements,
  request: PostedEvent & { readonly workflow: WorkflowReference; readonly requestedBy?: number },
): Promise<number> {
  const { workflow, requestedBy = 0, ...event } = request;
  const workflowId = await locateWorkflow(db, workflow);
  if (event.activity === "") throw eventNotAddressed({ workflow });
  await insertJob(db, { workflowId, command: "postEvent", parameters: event, requestedBy });
  return workflowId;
}
