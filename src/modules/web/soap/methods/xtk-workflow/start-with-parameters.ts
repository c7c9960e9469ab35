/** Starts a workflow with variables. */

import { readVariables } from "#campaign/entities/variables-document.ts";
import { workflowService } from "#schemas/workflow-service.ts";

import { defineMethod } from "../../define-method.ts";
import { orderWorkflow } from "./order-workflow.ts";

/** @throws entityUnknown, entityProtected, documentRefused */
export const startWorkflowWithParameters = defineMethod(
  workflowService,
  "StartWithParameters",
  (call, workflowId, variables) => orderWorkflow(call, workflowId, "start", readVariables(variables)),
);
