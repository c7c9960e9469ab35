/** Lists API tokens; never what they are, only how they begin. */

import type { Statements } from "#foundation/database.ts";

import type { Operator } from "../operator.ts";
import type { ApiTokenEntry } from "./api-token.ts";
import { listTokens } from "./api-token-store.ts";

/** The tokens of an operator, the newest first, also those that ended. */
export function listApiTokens(
  { db }: { readonly db: Statements },
  operator: Operator,
): Promise<readonly ApiTokenEntry[]> {
  return listTokens(db, operator.operatorId);
}

/** The tokens of all operators. */
export function listAllApiTokens({ db }: { readonly db: Statements }): Promise<readonly ApiTokenEntry[]> {
  return listTokens(db, undefined);
}
