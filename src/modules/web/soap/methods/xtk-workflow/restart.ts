/** Ends the run of a workflow and begins a new one. */

import { workflowService } from "#schemas/workflow-service.ts";

import { defineMethod } from "../../define-method.ts";
import { orderWorkflow } from "./order-workflow.ts";

/** @throws entityUnknown, entityProtected */
export const restartWorkflow = defineMethod(workflowService, "Restart", (call, workflowId) =>
  orderWorkflow(call, workflowId, "restart"),
);
