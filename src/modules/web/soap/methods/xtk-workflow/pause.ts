/** Pauses a workflow: what runs ends, nothing further begins. */

import { workflowService } from "#schemas/workflow-service.ts";

import { defineMethod } from "../../define-method.ts";
import { orderWorkflow } from "./order-workflow.ts";

/** @throws entityUnknown, entityProtected */
export const pauseWorkflow = defineMethod(workflowService, "Pause", (call, workflowId) =>
  orderWorkflow(call, workflowId, "pause"),
);
