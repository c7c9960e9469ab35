/** Ends the run of a workflow, whatever its tasks do. */

import { workflowService } from "#schemas/workflow-service.ts";

import { defineMethod } from "../../define-method.ts";
import { orderWorkflow } from "./order-workflow.ts";

/** @throws entityUnknown, entityProtected */
export const killWorkflow = defineMethod(workflowService, "Kill", (call, workflowId) =>
  orderWorkflow(call, workflowId, "kill"),
);
