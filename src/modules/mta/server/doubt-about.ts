/** The outcome of a message that may have arrived, as the process that sent it is not there to say. */

import type { Outcome } from "#campaign/broadlog/outcome.ts";
import { settleDoubt } from "#campaign/broadlog/settle-doubt.ts";
import { failureReasons, failureTypes } from "#schemas/codes.ts";

/**
 * A doubt, or what `mta.retryLostMessages` makes of it.
 * @param given.text what the delivery log says
 */
export function doubtAbout(
  broadLogId: number,
  { text, at, retriesLost }: { readonly text: string; readonly at: Date; readonly retriesLost: boolean },
): Outcome {
  const doubt: Outcome = {
    broadLogId,
    kind: "in_doubt",
    failureType: failureTypes.soft,
    failureReason: failureReasons.unreachable,
    text,
    at,
  };
  return settleDoubt(doubt, retriesLost);
}

/** What becomes of messages in doubt, for the log. */
export function fateOf(retriesLost: boolean): { meaning: string } {
  return {
    meaning: retriesLost
      ? "they are sent again with the same Message-ID"
      : "they are not sent again, since mta.retryLostMessages is off",
  };
}
