/** Finds the workflow that somebody means. */

import type { Statements } from "#foundation/database.ts";

import { workflowUnknown } from "./errors.ts";
import { findWorkflowId, hasWorkflow } from "./workflow-store.ts";

/** A workflow's internal name, or its id. */
export type WorkflowReference = string | number;

/**
 * The id of a workflow.
 * @throws workflowUnknown
 */
export async function locateWorkflow(db: Statements, workflow: WorkflowReference): Promise<number> {
  const id =
    typeof workflow === "string"
      ? await findWorkflowId(db, workflow)
      : (await hasWorkflow(db, workflow))
        ? workflow
        : undefined;
  if (id === undefined) throw workflowUnknown({ workflow });
  return id;
}
