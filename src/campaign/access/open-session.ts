/** Opens a session for someone who has proved who he is, on whatever road. */

import { authenticationSettings } from "#foundation/common-settings.ts";

import type { Identified } from "./identify-operator.ts";
import type { AccessContext } from "./log-on.ts";
import { deleteQuietSubjects } from "./logon-guard-store.ts";
import { zoneNamesOf } from "#foundation/caller-zones.ts";
import { deleteExpiredSessions, insertSession } from "./session-store.ts";
import { hashCredential, hashToken, makeSessionToken, type SessionToken } from "./tokens.ts";

/**
 * Opens a session; it has a token of its own, whatever the client came with.
 * @returns lifeSec: how long it lives, in seconds
 */
export async function openSession(
  context: AccessContext,
  { operator, passwordHash }: Identified,
  { address, isRemembered }: { readonly address: string; readonly isRemembered: boolean },
): Promise<{ readonly token: SessionToken; readonly lifeSec: number }> {
  const { sessionTimeOutSec, longSessionTimeOutSec } = context.settings.of(authenticationSettings);
  const usualSec = isRemembered ? longSessionTimeOutSec : sessionTimeOutSec;
  const lifeSec = operator.sessionTimeOutSec > 0 ? Math.min(operator.sessionTimeOutSec, usualSec) : usualSec;
  const token = makeSessionToken();
  await insertSession(context.db, {
    tokenHash: hashToken(token),
    operatorId: operator.operatorId,
    credentialHash: hashCredential(passwordHash),
    isRemembered,
    remoteAddress: address,
    zone: zoneNamesOf(context.settings, address).join(" "),
    lifeSec,
  });
  await deleteExpiredSessions(context.db);
  await deleteQuietSubjects(context.db);
  return { token, lifeSec };
}
