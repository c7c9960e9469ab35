/** Tells work that was cut off from work that failed. */

import { isDatabaseAway } from "#foundation/database-errors.ts";
import { isPostriderError } from "#foundation/errors.ts";

/** True when the same work may well succeed when it is started again, without anyone changing anything. */
export function mayStartAgain(error: unknown): boolean {
  if (isDatabaseAway(error) || isUndoneForOthers(error)) return true;
  return isPostriderError(error) && error.mayRetry;
}

/** PostgreSQL ended us in a deadlock, or could not put us in a row with others. */
function isUndoneForOthers(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "40P01" || error.code === "40001");
}
