/** Finds the session of a token, with its operator as he is at this moment. */

import { authenticationSettings, internalAccountSettings } from "#foundation/common-settings.ts";

import { mayLogOn } from "./identify-operator.ts";
import type { AccessContext } from "./log-on.ts";
import { internalOperator, type Operator } from "./operator.ts";
import { findLiveSession, type StoredSession, touchSession } from "./session-store.ts";
import { hashCredential, hashToken, parseSessionToken, type SessionToken } from "./tokens.ts";

export type Session = {
  readonly token: SessionToken;
  readonly operator: Operator;
  readonly created: Date;
  /** From where it was opened. */
  readonly remoteAddress: string;
};

/**
 * Looks a session up, wherever the caller is; who serves callers asks `admitCaller`. Nothing is cached: an operator who is
 * disabled, or whose password or rights change, feels it at once.
 * @returns undefined when the token is unknown, expired or logged off, or its operator may no longer be here
 */
export async function findSession(context: AccessContext, text: string): Promise<Session | undefined> {
  const token = parseSessionToken(text);
  if (token === undefined) return undefined;
  const { idleTimeOutSec } = context.settings.of(authenticationSettings);
  const stored = await findLiveSession(context.db, hashToken(token), idleTimeOutSec);
  const operator = stored === undefined ? undefined : operatorOf(context, stored);
  context.log.trace("session", "session.looked_up", { isAlive: operator !== undefined, login: operator?.login });
  if (stored === undefined || operator === undefined) return undefined;
  if (stored.isUseDue) await touchSession(context.db, stored.sessionId);
  return { token, operator, created: stored.created, remoteAddress: stored.remoteAddress };
}

function operatorOf(
  context: AccessContext,
  { operatorId, credentialHash, credentials }: StoredSession,
): Operator | undefined {
  if (operatorId === internalOperator.operatorId) {
    const { internalPassword } = context.settings.of(internalAccountSettings);
    return internalPassword !== "" && credentialHash.equals(hashCredential(internalPassword))
      ? internalOperator
      : undefined;
  }
  if (credentials?.passwordHash === undefined || !mayLogOn(credentials)) return undefined;
  return credentialHash.equals(hashCredential(credentials.passwordHash)) ? credentials.operator : undefined;
}
