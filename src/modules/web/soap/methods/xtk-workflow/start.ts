/** Starts a workflow, or lets a paused one go on. */

import { workflowService } from "#schemas/workflow-service.ts";

import { defineMethod } from "../../define-method.ts";
import { orderWorkflow } from "./order-workflow.ts";

/** @throws entityUnknown, entityProtected */
export const startWorkflow = defineMethod(workflowService, "Start", (call, workflowId) =>
  orderWorkflow(call, workflowId, "start"),
);
