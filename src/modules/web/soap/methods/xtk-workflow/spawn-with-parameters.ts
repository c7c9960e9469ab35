/** Makes a workflow of a template and starts it with variables. */

import { readVariables } from "#campaign/entities/variables-document.ts";
import { workflowService } from "#schemas/workflow-service.ts";

import { defineMethod } from "../../define-method.ts";
import { spawnWorkflow } from "./spawn-workflow.ts";

/** @throws entityUnknown, documentRefused, and the errors of the writer */
export const spawnWithParameters = defineMethod(
  workflowService,
  "SpawnWithParameters",
  async (call, workflowId, variables) => [await spawnWorkflow(call, workflowId, readVariables(variables))],
);
