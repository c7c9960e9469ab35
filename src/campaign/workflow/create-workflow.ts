/** Stores a new workflow, in the state "being edited". */

import type { Statements } from "#foundation/database.ts";

import { workflowExists, workflowNameInvalid } from "./errors.ts";
import { parseWorkflowDefinition } from "./parse-workflow-definition.ts";
import { insertWorkflow } from "./workflow-store.ts";

/**
 * Creates a workflow; a server starts it when it is told to (`requestCommand`).
 * @returns its id
 * @throws workflowNameInvalid, workflowExists, definitionInvalid
 */
export async function createWorkflow(
  db: Statements,
  given: {
    readonly internalName: string;
    readonly label?: string;
    readonly definition: unknown;
    readonly createdBy?: number;
  },
): Promise<number> {
  const { internalName } = given;
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(internalName)) throw workflowNameInvalid({ workflow: internalName });
  const definition = parseWorkflowDefinition(internalName, given.definition);
  const id = await insertWorkflow(db, {
    internalName,
    label: given.label ?? internalName,
    definition,
    createdBy: given.createdBy ?? 0,
  });
  if (id === undefined) throw workflowExists({ workflow: internalName });
  return id;
}
