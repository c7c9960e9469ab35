/** Ends all sessions of an operator. */

import { recordAuditEvent } from "../record-audit-event.ts";
import { type Administration, requireOperator } from "./administration.ts";
import { deleteSessions } from "./operators-store.ts";

/**
 * Ends the sessions; the operator may log on again.
 * @returns how many there were
 * @throws unknownName
 */
export async function endSessions({ db, by }: Administration, login: string): Promise<number> {
  return db.transaction(async (tx) => {
    const { operatorId } = await requireOperator(tx, login);
    const sessions = await deleteSessions(tx, operatorId);
    await recordAuditEvent(tx, { ...by, action: "sessionsEnded", entityKey: login, changes: { sessions } });
    return sessions;
  });
}
