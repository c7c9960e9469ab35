/** Keeps a platform from locking everyone out. */

import type { Statements } from "#foundation/database.ts";

import { lastAdministrator } from "../errors.ts";
import { countAdministrators } from "./operators-store.ts";

/**
 * Checks, in the transaction of a change, that someone with the right admin can still log on.
 * @param login whose rights were changed
 * @throws lastAdministrator, which undoes the change
 */
export async function keepAnAdministrator(tx: Statements, login: string): Promise<void> {
  if ((await countAdministrators(tx)) === 0) throw lastAdministrator({ login });
}
