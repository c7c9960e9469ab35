/** Decides what becomes of a message that a server may have kept without saying so (RFC 1047). */

import { failureReasons, failureTypes } from "#schemas/codes.ts";

import type { Outcome } from "./outcome.ts";

/**
 * A message in doubt is sent again, or held: it has failed then, and nobody's address is blamed. Other outcomes stay as they are.
 * @param retries `mta.retryLostMessages`
 */
export function settleDoubt(outcome: Outcome, retries: boolean): Outcome {
  if (outcome.kind !== "in_doubt" || retries) return outcome;
  return {
    ...outcome,
    kind: "held",
    failureType: failureTypes.ignored,
    failureReason: failureReasons.unreachable,
    text: `in doubt, not sent again: ${outcome.text}`,
  };
}
