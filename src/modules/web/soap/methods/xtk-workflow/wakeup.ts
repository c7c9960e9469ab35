/** Executes the waiting tasks of a workflow now. */

import { workflowService } from "#schemas/workflow-service.ts";

import { defineMethod } from "../../define-method.ts";
import { orderWorkflow } from "./order-workflow.ts";

/** @throws entityUnknown, entityProtected */
export const wakeWorkflow = defineMethod(workflowService, "Wakeup", (call, workflowId) =>
  orderWorkflow(call, workflowId, "wakeup"),
);
