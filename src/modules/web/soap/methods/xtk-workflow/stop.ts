/** Ends the run of a workflow in an orderly way. */

import { workflowService } from "#schemas/workflow-service.ts";

import { defineMethod } from "../../define-method.ts";
import { orderWorkflow } from "./order-workflow.ts";

/** @throws entityUnknown, entityProtected */
export const stopWorkflow = defineMethod(workflowService, "Stop", (call, workflowId) =>
  orderWorkflow(call, workflowId, "stop"),
);
