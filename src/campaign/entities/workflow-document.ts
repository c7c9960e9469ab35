/** Accepts the diagram of a workflow, on whatever road a client writes it. */

import { parseWorkflowDefinition } from "#campaign/workflow/parse-workflow-definition.ts";

/**
 * What to store for a diagram; one that is empty is still to be drawn.
 * @throws definitionInvalid listing every fault
 */
export function checkWorkflowDocument(internalName: string, activities: unknown): unknown {
  if (activities === null || activities === undefined) return {};
  if (typeof activities === "object" && Object.keys(activities).length === 0) return {};
  return parseWorkflowDefinition(internalName, activities);
}
