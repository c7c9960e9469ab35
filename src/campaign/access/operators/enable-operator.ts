/** Lets an operator in again. */

import { recordAuditEvent } from "../record-audit-event.ts";
import { type Administration, requireOperator } from "./administration.ts";
import { updateDisabled } from "./operators-store.ts";

/**
 * Enables an operator who was disabled; his password is the one he had.
 * @throws unknownName
 */
export async function enableOperator({ db, by }: Administration, login: string): Promise<void> {
  await db.transaction(async (tx) => {
    const { operatorId } = await requireOperator(tx, login);
    await updateDisabled(tx, operatorId, false);
    await recordAuditEvent(tx, { ...by, action: "operatorEnabled", entityKey: login });
  });
}
