/** Makes a workflow of a template and starts it. */

import { requireReadable } from "#campaign/entities/require-entity.ts";
import { requestCommand } from "#campaign/workflow/request-command.ts";
import type { Variables } from "#campaign/workflow/workflow.ts";
import { copyEntity } from "#datamodel/write/copy-entity.ts";
import { writeEntities } from "#datamodel/write/write-entities.ts";

import type { SoapCall } from "../../soap-call.ts";

/**
 * The copy is written with the rights of the caller, in the folder of the template.
 * @returns its id
 * @throws entityUnknown, and the errors of the writer
 */
export async function spawnWorkflow(call: SoapCall, template: string, variables: Variables = {}): Promise<number> {
  const context = await call.writeContext();
  const copy = await copyEntity(context, "xtk:workflow", [await requireReadable(context, "xtk:workflow", template)]);
  const [written] = await writeEntities(context, [{ ...copy, operation: "insert" }]);
  const workflow = Number(written?.key?.[0]);
  const requestedBy = context.viewer.operatorId;
  return requestCommand(context.db, { workflow, command: "start", variables, requestedBy });
}
