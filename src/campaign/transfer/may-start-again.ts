/** Tells work that was cut off from work that failed. */

import { isDatabaseAway } from "#foundation/database-errors.ts";
import { isPostriderError } from "#foundation/errors.ts";
import { isConflict } from "#foundation/retry-conflicts.ts";

/** True when the same work may well succeed when it is started again, without anyone changing anything. */
export function mayStartAgain(error: unknown): boolean {
  if (isDatabaseAway(error) || isConflict(error)) return true;
  return isPostriderError(error) && error.mayRetry;
}
