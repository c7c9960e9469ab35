/** Gives an order to the workflow that a client names, when its folder lets him. */

import { requireEntity } from "#campaign/entities/require-entity.ts";
import { requestCommand } from "#campaign/workflow/request-command.ts";
import type { Variables, WorkflowCommand } from "#campaign/workflow/workflow.ts";

import type { SoapCall } from "../../soap-call.ts";

/** @throws entityUnknown, entityProtected */
export async function orderWorkflow(
  call: SoapCall,
  reference: string,
  command: WorkflowCommand,
  variables: Variables = {},
): Promise<[]> {
  const context = await call.dataContext();
  const workflow = await requireEntity(context, "xtk:workflow", reference);
  await requestCommand(context.db, { workflow, command, variables, requestedBy: context.viewer.operatorId });
  return [];
}
