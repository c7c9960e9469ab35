/** Decides on one attempt to log on: where it comes from, how often it was tried, and whether the password is right. */

import { authenticationSettings } from "#foundation/common-settings.ts";

import { guardSubjects } from "./guard-subjects.ts";
import { type Identified, identifyOperator } from "./identify-operator.ts";
import type { AccessContext, LogonAttempt } from "./log-on.ts";
import { countAttempt, forgetFailures, readWaitSec, takeAttemptBack } from "./logon-guard-store.ts";
import { isInZone, zoneFlagsOf } from "#foundation/caller-zones.ts";

export type LogonRefusal =
  | { readonly kind: "refused" }
  | { readonly kind: "slowed"; readonly waitSec: number }
  /** The password is right, the address is not in the operator's zone. */
  | { readonly kind: "elsewhere" }
  /** Nothing was checked: the zones of the address want TLS. */
  | { readonly kind: "insecure" };

export type LogonCheck = ({ readonly kind: "identified" } & Identified) | LogonRefusal;

/**
 * Checks an attempt. It is counted before it is checked, so that attempts made side by side cannot outrun the count; and
 * logged in one line, whatever comes of it.
 * @throws tooManyLogonsAtOnce
 */
export async function checkLogon(context: AccessContext, attempt: LogonAttempt): Promise<LogonCheck> {
  const check = await decide(context, attempt);
  const result = check.kind === "identified" ? "opened" : check.kind;
  const fields = { login: attempt.login.slice(0, 80), address: attempt.address, result };
  if (check.kind === "identified") context.log.info("session.logon", fields);
  else context.log.warning("session.logon", fields);
  return check;
}

async function decide(context: AccessContext, attempt: LogonAttempt): Promise<LogonCheck> {
  const { db, settings } = context;
  const { address } = attempt;
  if (!attempt.isSecure && !zoneFlagsOf(settings, address).allowHTTP) return { kind: "insecure" };
  const waitSec = await countAndWait(context, attempt);
  if (waitSec > 0) return { kind: "slowed", waitSec };
  const identified = await identifyOperator(context, attempt);
  if (identified === undefined) return { kind: "refused" };
  // The attempt stays counted: from elsewhere, a right guess must cost as much as a wrong one.
  if (!isInZone(settings, address, identified.operator.securityZone)) return { kind: "elsewhere" };
  if (attempt.isForConsole === true && identified.operator.noConsoleCnx) return { kind: "refused" };
  const { login, source } = guardSubjects(context, attempt);
  await forgetFailures(db, login.subject);
  await takeAttemptBack(db, source.subject);
  return { kind: "identified", ...identified };
}

/** Counts the attempt; answers the seconds to wait when there were too many, else 0. */
async function countAndWait(context: AccessContext, attempt: LogonAttempt): Promise<number> {
  const { maxLogonDelaySec } = context.settings.of(authenticationSettings);
  const { login, source } = guardSubjects(context, attempt);
  // The source first: what it tries while it must wait does not count against the login.
  for (const { subject, freeFailures } of [source, login]) {
    if (await countAttempt(context.db, subject, { freeFailures, maxDelaySec: maxLogonDelaySec })) continue;
    return readWaitSec(context.db, subject);
  }
  return 0;
}
