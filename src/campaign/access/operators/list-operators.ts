/** Lists operators with what they may do. */

import type { Statements } from "#foundation/database.ts";

import { listEntries, type OperatorEntry } from "./operators-store.ts";

/** Every operator by login; `internal` is in no database and not among them. */
export function listOperators(db: Statements): Promise<readonly OperatorEntry[]> {
  return listEntries(db);
}
