/** Makes a workflow of a template and starts it. */

import { workflowService } from "#schemas/workflow-service.ts";

import { defineMethod } from "../../define-method.ts";
import { spawnWorkflow } from "./spawn-workflow.ts";

/** @throws entityUnknown, and the errors of the writer */
export const spawn = defineMethod(workflowService, "Spawn", async (call, workflowId) => [
  await spawnWorkflow(call, workflowId),
]);
