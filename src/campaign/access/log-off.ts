/** Ends a session. */

import type { AccessContext } from "./log-on.ts";
import { recordAuditEvent } from "./record-audit-event.ts";
import { deleteSession } from "./session-store.ts";
import { hashToken, type SessionToken } from "./tokens.ts";

/** Ends one session, and the security tokens that were derived from it; the operator's other sessions live on. */
export async function logOff(context: AccessContext, token: SessionToken, login: string): Promise<void> {
  const ended = await deleteSession(context.db, hashToken(token));
  if (ended === undefined) return;
  await recordAuditEvent(context.db, { ...ended, login, action: "logoff" });
  context.log.info("session.logoff", { login });
}
