/** Shuts an operator out, with all that acts in his name. */

import { recordAuditEvent } from "../record-audit-event.ts";
import { type Administration, requireOperator } from "./administration.ts";
import { keepAnAdministrator } from "./keep-an-administrator.ts";
import { deleteSessions, updateDisabled } from "./operators-store.ts";

/**
 * Disables an operator; his sessions and API tokens are of no use from this moment.
 * @throws unknownName, lastAdministrator
 */
export async function disableOperator({ db, by }: Administration, login: string): Promise<void> {
  await db.transaction(async (tx) => {
    const { operatorId } = await requireOperator(tx, login);
    await updateDisabled(tx, operatorId, true);
    await keepAnAdministrator(tx, login);
    await deleteSessions(tx, operatorId);
    await recordAuditEvent(tx, { ...by, action: "operatorDisabled", entityKey: login });
  });
}
