/** Lets an operator choose another password. */

import { authenticationSettings } from "#foundation/common-settings.ts";

import { hashPassword, isPasswordRight } from "./hash-password.ts";
import type { AccessContext } from "./log-on.ts";
import { countAttempt, forgetFailures } from "./logon-guard-store.ts";
import type { Operator } from "./operator.ts";
import { findCredentials, updatePasswordHash } from "./operator-store.ts";
import { parsePassword } from "./password.ts";
import { recordAuditEvent } from "./record-audit-event.ts";

/**
 * Changes a password; all sessions of the operator end, also the one it is changed in. Wrong present passwords are
 * counted and slowed, so that a borrowed session cannot be used to guess.
 * @throws passwordRefused
 */
export async function changePassword(
  context: AccessContext,
  operator: Operator,
  { present, wanted, address }: { readonly present: string; readonly wanted: string; readonly address: string },
): Promise<"changed" | "wrong" | "slowed"> {
  const password = parsePassword(wanted, operator.login);
  const { freeLogonFailures, maxLogonDelaySec } = context.settings.of(authenticationSettings);
  const subject = `change:${operator.operatorId}`;
  if (!(await countAttempt(context.db, subject, { freeFailures: freeLogonFailures, maxDelaySec: maxLogonDelaySec })))
    return "slowed";
  const credentials = await findCredentials(context.db, operator.login);
  if (!(await isPasswordRight(present, credentials?.passwordHash))) return "wrong";
  await forgetFailures(context.db, subject);
  await updatePasswordHash(context.db, operator.operatorId, await hashPassword(password));
  const { operatorId, login } = operator;
  await recordAuditEvent(context.db, { operatorId, login, address, action: "passwordChanged" });
  context.log.info("session.password_changed", { login });
  return "changed";
}
