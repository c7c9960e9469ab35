/** Lets an operator in, or not: in the same time and with the same words for a wrong password and for an unknown login. */

import { createHash } from "node:crypto";

import { authenticationSettings, internalAccountSettings } from "#foundation/common-settings.ts";
import type { Context } from "#foundation/module.ts";

import { isInNetworks } from "#foundation/networks.ts";
import { isPasswordRight } from "./hash-password.ts";
import {
  countAttempt,
  deleteQuietSubjects,
  forgetFailures,
  readWaitSec,
  takeAttemptBack,
} from "./logon-guard-store.ts";
import { internalOperator, type Operator } from "./operator.ts";
import { type Credentials, findCredentials } from "./operator-store.ts";
import { deleteExpiredSessions, insertSession } from "./session-store.ts";
import { hashCredential, hashToken, makeSessionToken, type SessionToken } from "./tokens.ts";

export type AccessContext = Pick<Context, "db" | "log" | "secrets" | "settings" | "instance" | "clock">;

export type LogonAttempt = {
  readonly login: string;
  readonly password: string;
  /** Where it comes from: the client's IP address. */
  readonly address: string;
  /** Asks for a session of `longSessionTimeOutSec`. */
  readonly isRemembered: boolean;
};

export type LogonOutcome =
  | { readonly kind: "opened"; readonly token: SessionToken; readonly operator: Operator; readonly lifeSec: number }
  | { readonly kind: "refused" }
  | { readonly kind: "slowed"; readonly waitSec: number };

type Way = { readonly subject: string; readonly freeFailures: number };

/**
 * Checks login and password and opens a session. Every attempt is counted before it is checked, and logged.
 * @throws tooManyLogonsAtOnce
 */
export async function logOn(context: AccessContext, attempt: LogonAttempt): Promise<LogonOutcome> {
  const { freeLogonFailures, maxLogonDelaySec } = context.settings.of(authenticationSettings);
  const source: Way = { subject: `source:${networkOf(attempt.address)}`, freeFailures: freeLogonFailures * 4 };
  const login: Way = { subject: `login:${subjectOf(attempt.login)}`, freeFailures: freeLogonFailures };
  // The source first: what it tries while it must wait does not count against the login.
  for (const way of [source, login]) {
    if (await countAttempt(context.db, way.subject, { freeFailures: way.freeFailures, maxDelaySec: maxLogonDelaySec }))
      continue;
    logAttempt(context, attempt, "slowed");
    return { kind: "slowed", waitSec: await readWaitSec(context.db, way.subject) };
  }

  const credentials = await readCredentials(context, attempt);
  const isRight = await isPasswordRight(attempt.password, credentials?.passwordHash);
  if (!isRight || credentials?.passwordHash === undefined || !mayLogOn(credentials)) {
    logAttempt(context, attempt, "refused");
    return { kind: "refused" };
  }
  const opened = await openSession(context, attempt, credentials.operator, credentials.passwordHash);
  await forgetFailures(context.db, login.subject);
  await takeAttemptBack(context.db, source.subject);
  logAttempt(context, attempt, "opened");
  return opened;
}

async function readCredentials(
  context: AccessContext,
  { login, address }: LogonAttempt,
): Promise<Credentials | undefined> {
  if (login !== internalOperator.login) return isLogin(login) ? findCredentials(context.db, login) : undefined;
  const { internalPassword, internalNetworks } = context.settings.of(internalAccountSettings);
  if (internalPassword === "" || !isInNetworks(address, internalNetworks)) return undefined;
  return { operator: internalOperator, passwordHash: internalPassword, isDisabled: false };
}

function mayLogOn({ isDisabled, operator }: Credentials): boolean {
  return !isDisabled && operator.rights.length > 0;
}

async function openSession(
  context: AccessContext,
  { address, isRemembered }: LogonAttempt,
  operator: Operator,
  passwordHash: string,
): Promise<LogonOutcome> {
  const { sessionTimeOutSec, longSessionTimeOutSec } = context.settings.of(authenticationSettings);
  const lifeSec = isRemembered ? longSessionTimeOutSec : sessionTimeOutSec;
  const token = makeSessionToken();
  await insertSession(context.db, {
    tokenHash: hashToken(token),
    operatorId: operator.operatorId,
    credentialHash: hashCredential(passwordHash),
    isRemembered,
    remoteAddress: address,
    lifeSec,
  });
  await deleteExpiredSessions(context.db);
  await deleteQuietSubjects(context.db);
  return { kind: "opened", token, operator, lifeSec };
}

function logAttempt(
  context: AccessContext,
  { login, address }: LogonAttempt,
  result: "opened" | "refused" | "slowed",
): void {
  const fields = { login: login.slice(0, 80), address, result };
  if (result === "opened") context.log.info("session.logon", fields);
  else context.log.warning("session.logon", fields);
}

/** What may stand in the column of logins. */
function isLogin(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  return text.length > 0 && text.length <= 80 && text.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(text);
}

/** A login as a key of the guard: readable where it is a plain one, hashed where it may hold anything. */
function subjectOf(login: string): string {
  return /^[\w.@+-]{1,64}$/.test(login) ? login : `#${createHash("sha256").update(login).digest("hex")}`;
}

/** One who has an IPv6 address has at least the 2^64 of its network. */
function networkOf(address: string): string {
  if (!address.includes(":") || address.includes(".")) return address;
  const [head = "", tail] = address.split("::");
  const front = head.split(":").filter(Boolean);
  const back = tail === undefined ? [] : tail.split(":").filter(Boolean);
  const groups =
    tail === undefined
      ? front
      : [...front, ...Array.from({ length: 8 - front.length - back.length }, () => "0"), ...back];
  return `${groups.slice(0, 4).join(":")}::/64`;
}
