/** Replaces the diagram of a workflow. */

import type { Statements } from "#foundation/database.ts";

import { workflowUnknown } from "./errors.ts";
import { parseWorkflowDefinition } from "./parse-workflow-definition.ts";
import { updateDefinition } from "./workflow-store.ts";

/**
 * Saves a new definition; a run that is under way takes it up for the activities it has not reached yet.
 * @throws definitionInvalid, workflowUnknown
 */
export async function saveDefinition(db: Statements, workflowId: number, definition: unknown): Promise<void> {
  const parsed = parseWorkflowDefinition(String(workflowId), definition);
  if (!(await updateDefinition(db, workflowId, parsed))) throw workflowUnknown({ workflow: workflowId });
}
