/**
 * Lets an operator in, or not: in the same time and with the same words for a wrong password and for an unknown login.
 *
 * Two steps: `check-logon.ts` says who it is, `open-session.ts` lets him in. What else may prove who someone is has its place
 * between them (a second factor: an outcome of its own here, before the session is opened) or beside the first (OpenID
 * Connect: another way to an `Identified`). Callers `switch` over the outcomes, so a new one shows where it must be told.
 */

import type { Context } from "#foundation/module.ts";

import { checkLogon, type LogonRefusal } from "./check-logon.ts";
import { openSession } from "./open-session.ts";
import type { Operator } from "./operator.ts";
import { recordAuditEvent } from "./record-audit-event.ts";
import type { SessionToken } from "./tokens.ts";

export type AccessContext = Pick<Context, "db" | "log" | "secrets" | "settings" | "instance" | "clock">;

export type LogonAttempt = {
  readonly login: string;
  readonly password: string;
  /** Where it comes from: the client's IP address. */
  readonly address: string;
  /** True when it came by TLS. */
  readonly isSecure: boolean;
  /** Asks for a session of `longSessionTimeOutSec`. */
  readonly isRemembered: boolean;
  /** For pages that people use: accounts of programs have none. */
  readonly isForConsole?: boolean;
};

export type LogonOutcome =
  | { readonly kind: "opened"; readonly token: SessionToken; readonly operator: Operator; readonly lifeSec: number }
  | LogonRefusal;

/**
 * Checks login and password and opens a session.
 * @throws tooManyLogonsAtOnce
 */
export async function logOn(context: AccessContext, attempt: LogonAttempt): Promise<LogonOutcome> {
  const check = await checkLogon(context, attempt);
  if (check.kind !== "identified") return check;
  const { operator } = check;
  const opened = await openSession(context, check, attempt);
  const { operatorId, login } = operator;
  await recordAuditEvent(context.db, { operatorId, login, address: attempt.address, action: "logon" });
  return { kind: "opened", operator, ...opened };
}
