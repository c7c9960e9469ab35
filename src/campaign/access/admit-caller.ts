/** Admits the caller of a request: a session that lives, used from where it may be used, and by whom it was opened. */

import { authenticationSettings, internalAccountSettings } from "#foundation/common-settings.ts";
import { isInNetworks } from "#foundation/networks.ts";

import { checkLogon } from "./check-logon.ts";
import { sessionInvalid, zoneRefused } from "./errors.ts";
import { findSession, type Session } from "./find-session.ts";
import { isLogin, mayLogOn } from "./identify-operator.ts";
import type { AccessContext } from "./log-on.ts";
import { internalOperator, isProbe, type Operator } from "./operator.ts";
import { findCredentials } from "./operator-store.ts";
import { isInZone, zoneFlagsOf } from "#foundation/caller-zones.ts";
import { isProofOf } from "./is-proof-of.ts";
import { makeSessionToken } from "./tokens.ts";

export type Caller = {
  /** The client's IP address. */
  readonly address: string;
  /** True when it came by TLS. */
  readonly isSecure: boolean;
};

export type Presented = {
  /** A session token; in zones that allow it `login/password`, from networks that an operator trusts `login`. */
  readonly sessionToken: string;
  readonly securityToken: string;
  /** A browser sends cookies along with what another site makes it send: by itself a cookie proves nothing. */
  readonly isFromCookie: boolean;
};

/**
 * Admits a caller who may do something.
 * @throws sessionInvalid, zoneRefused
 */
export async function admitCaller(context: AccessContext, caller: Caller, presented: Presented): Promise<Session> {
  const session = await findCallersSession(context, caller, presented.sessionToken);
  if (session === undefined || isProbe(session.operator) || !isProven(context, caller, session, presented))
    throw sessionInvalid();
  return session;
}

/**
 * The session of a caller, whatever he may do: also that of a probe. For answers that change nothing; what changes
 * something asks `admitCaller`, or for the security token itself.
 * @returns undefined when there is none that is alive
 * @throws zoneRefused when it may not be used from here
 */
export async function findCallersSession(
  context: AccessContext,
  caller: Caller,
  sessionToken: string,
): Promise<Session | undefined> {
  if (sessionToken === "") return undefined;
  if (!sessionToken.startsWith("___")) return findByLogin(context, caller, sessionToken);
  const session = await findSession(context, sessionToken);
  if (session === undefined) return undefined;
  const { checkIPConsistent } = context.settings.of(authenticationSettings);
  if (checkIPConsistent && session.remoteAddress !== caller.address) return undefined;
  checkZone(context, caller, session.operator);
  return session;
}

/**
 * Refuses an operator outside of his security zone.
 * @throws zoneRefused
 */
export function checkZone({ settings, log }: AccessContext, { address }: Caller, operator: Operator): void {
  const { internalSecurityZone } = settings.of(internalAccountSettings);
  const isInternal = operator.operatorId === internalOperator.operatorId;
  if (isInZone(settings, address, isInternal ? internalSecurityZone : operator.securityZone)) return;
  log.warning("session.logon_elsewhere", { login: operator.login, address, result: "elsewhere" });
  throw zoneRefused();
}

/** `login/password` at each call, or a login from a network that its operator trusts. */
async function findByLogin(context: AccessContext, caller: Caller, text: string): Promise<Session | undefined> {
  const slash = text.indexOf("/");
  const login = slash === -1 ? text : text.slice(0, slash);
  const password = slash === -1 ? "" : text.slice(slash + 1);
  const operator =
    password === ""
      ? await findTrusted(context, caller, login)
      : await findByPassword(context, caller, { login, password });
  // A token that leads nowhere: with this call everything of it ends.
  return operator === undefined
    ? undefined
    : { token: makeSessionToken(), operator, created: context.clock.now(), remoteAddress: caller.address };
}

async function findByPassword(
  context: AccessContext,
  caller: Caller,
  given: { login: string; password: string },
): Promise<Operator | undefined> {
  if (!zoneFlagsOf(context.settings, caller.address).allowUserPassword) return undefined;
  const check = await checkLogon(context, { ...caller, ...given, isRemembered: false });
  if (check.kind === "elsewhere") throw zoneRefused();
  return check.kind === "identified" ? check.operator : undefined;
}

async function findTrusted(context: AccessContext, caller: Caller, login: string): Promise<Operator | undefined> {
  const credentials = isLogin(login) ? await findCredentials(context.db, login) : undefined;
  if (credentials === undefined || !mayLogOn(credentials)) return undefined;
  if (!isInNetworks(caller.address, credentials.operator.trustedNetworks)) return undefined;
  checkZone(context, caller, credentials.operator);
  return credentials.operator;
}

function isProven(
  context: AccessContext,
  { address }: Caller,
  { token }: Session,
  { securityToken, isFromCookie }: Presented,
): boolean {
  if (securityToken === "") return !isFromCookie && zoneFlagsOf(context.settings, address).sessionTokenOnly;
  return isProofOf(context, token, securityToken);
}
