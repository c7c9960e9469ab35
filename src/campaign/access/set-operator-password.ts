/** Gives an operator a new password without the former one: for whoever holds the server. */

import type { Statements } from "#foundation/database.ts";

import { hashPassword } from "./hash-password.ts";
import { loginSubject } from "./guard-subjects.ts";
import { forgetFailures } from "./logon-guard-store.ts";
import { findCredentials, updatePasswordHash } from "./operator-store.ts";
import { commandLine } from "./operators/administration.ts";
import { parsePassword } from "./password.ts";
import { recordAuditEvent } from "./record-audit-event.ts";

/**
 * Sets a password; the operator's sessions end, and so does a wait after failed logons.
 * @returns false when there is no such operator
 * @throws passwordRefused
 */
export async function setOperatorPassword(db: Statements, login: string, text: string): Promise<boolean> {
  const password = parsePassword(text, login);
  const credentials = await findCredentials(db, login);
  if (credentials === undefined) return false;
  await updatePasswordHash(db, credentials.operator.operatorId, await hashPassword(password));
  await forgetFailures(db, loginSubject(login));
  await recordAuditEvent(db, { ...commandLine, action: "passwordReset", entityKey: login });
  return true;
}
