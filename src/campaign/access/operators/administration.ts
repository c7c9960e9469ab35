/** What every operation on operators is handed, and what it starts from. */

import type { Database, Statements } from "#foundation/database.ts";

import { unknownName } from "../errors.ts";
import type { Operator } from "../operator.ts";
import { findCredentials } from "../operator-store.ts";

/** Who administers, and from where; an empty login is whoever holds the server's command line. */
export type Administrator = { readonly operatorId: number; readonly login: string; readonly address: string };

export type Administration = { readonly db: Database; readonly by: Administrator };

/** Whoever holds the server. */
export const commandLine: Administrator = { operatorId: 0, login: "", address: "" };

/**
 * The operator of a login.
 * @throws unknownName
 */
export async function requireOperator(db: Statements, login: string): Promise<Operator> {
  const credentials = await findCredentials(db, login);
  if (credentials === undefined) throw unknownName({ kind: "operator", name: login });
  return credentials.operator;
}
