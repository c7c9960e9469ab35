/** Makes the first operator of a new instance. There is no default password. */

import type { Database } from "#foundation/database.ts";

import { hashPassword } from "./hash-password.ts";
import { findCredentials, insertOperator, insertRights } from "./operator-store.ts";
import { generatePassword, parsePassword } from "./password.ts";

export type FirstOperator = {
  readonly login: string;
  /** To be shown once by the caller: it is stored nowhere. Undefined when the environment gave one. */
  readonly generatedPassword: string | undefined;
};

const login = "admin";

/**
 * Adds the operator `admin` with all rights where there is none; may run in several processes at once.
 * @param environment `POSTRIDER_ADMIN_PASSWORD` is its first password; without it one is generated
 * @returns undefined when `admin` exists
 * @throws passwordRefused when the password of the environment is too weak
 */
export async function ensureFirstOperators(
  db: Database,
  environment: NodeJS.ProcessEnv,
): Promise<FirstOperator | undefined> {
  if ((await findCredentials(db, login)) !== undefined) return undefined;
  const given = environment["POSTRIDER_ADMIN_PASSWORD"] || undefined;
  const password = given === undefined ? generatePassword() : parsePassword(given, login);
  const passwordHash = await hashPassword(password);
  const isOurs = await db.transaction(async (tx) => {
    const operatorId = await insertOperator(tx, { login, label: "Administrator", passwordHash });
    if (operatorId !== undefined) await insertRights(tx, operatorId, ["admin"]);
    return operatorId !== undefined;
  });
  return isOurs ? { login, generatedPassword: given === undefined ? password : undefined } : undefined;
}
