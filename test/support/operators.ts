/** Operators of tests, with exactly the rights that a case is about. */

import { commandLine } from "#campaign/access/operators/administration.ts";
import { createOperator } from "#campaign/access/operators/create-operator.ts";

import type { RunningWeb, Tokens } from "./web.ts";

const password = "another correct horse";

/** Makes an operator and logs him on. */
export async function anOperator(web: RunningWeb, login: string, rights: readonly string[]): Promise<Tokens> {
  await createOperator(
    { db: web.context.db, by: commandLine },
    { login, label: login, password, rights, groups: [], securityZone: undefined, folderId: undefined },
  );
  return web.logOn(login, password);
}
