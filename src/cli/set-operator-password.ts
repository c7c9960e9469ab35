/** `postrider config -operatorpassword:LOGIN/NEW`: lets whoever holds the server give an operator a new password. */

import { setOperatorPassword } from "#campaign/access/set-operator-password.ts";
import type { Home } from "#foundation/home.ts";

import { askForSecret } from "./ask.ts";
import { unknownOperator } from "./errors.ts";
import { findDefaultInstance, withDatabase } from "./open-instance-database.ts";

/**
 * Sets the password; all sessions of the operator end.
 * @param text `login/new`; without `/new` it is asked for, without a login it is admin's
 * @throws unknownOperator, passwordRefused
 */
export async function setPassword(home: Home, chosen: string | undefined, text: string): Promise<string> {
  const instance = chosen ?? findDefaultInstance(home);
  const slash = text.indexOf("/");
  const login = (slash < 0 ? text : text.slice(0, slash)) || "admin";
  const password = slash < 0 ? await askForSecret(`New password of ${login}: `) : text.slice(slash + 1);
  const isFound = await withDatabase(home, instance, (db) => setOperatorPassword(db, login, password));
  if (!isFound) throw unknownOperator({ login, instance });
  return `The password of ${login} is set on the instance ${instance}; its sessions have ended`;
}
