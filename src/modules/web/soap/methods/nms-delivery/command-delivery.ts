/** Gives a command to the delivery that a client names, when its folder lets him. */

import { execCommand } from "#campaign/delivery/exec-command.ts";
import { requireEntity } from "#campaign/entities/require-entity.ts";

import type { SoapCall } from "../../soap-call.ts";

/**
 * @returns the number of the delivery's state now
 * @throws entityUnknown, entityProtected, unknownDeliveryCommand, wrongDeliveryState
 */
export async function commandDelivery(call: SoapCall, reference: string, command: string): Promise<number> {
  const context = await call.dataContext();
  return execCommand(context.db, await requireEntity(context, "nms:delivery", reference), command);
}
