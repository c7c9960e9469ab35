/** Ends a session. */

import type { AccessContext } from "./log-on.ts";
import { deleteSession } from "./session-store.ts";
import { hashToken, type SessionToken } from "./tokens.ts";

/** Ends one session, and the security tokens that were derived from it; the operator's other sessions live on. */
export async function logOff(context: AccessContext, token: SessionToken, login: string): Promise<void> {
  await deleteSession(context.db, hashToken(token));
  context.log.info("session.logoff", { login });
}
