/** What an attempt shows of a path: counted for the statistics server, which slows a path down for all senders at once. */

import type { PathCounts } from "#channels/permits/permit-messages.ts";
import type { OpeningFailure, SendOutcome } from "#protocols/smtp/outcome.ts";
import type { SmtpReply } from "#protocols/smtp/reply.ts";

const sent: PathCounts = { accepted: 1 };
const lost: PathCounts = { aborted: 1, messageErrors: 1 };
const nothing: PathCounts = {};

/** A connection that was not made. */
export function observeOpening(failure: OpeningFailure): PathCounts {
  if (failure.kind === "refused") return { refused: 1 };
  const { cause, text } = failure.loss;
  if (cause === "timeout") return { timeouts: 1 };
  return /ECONNREFUSED|refused/i.test(text) ? { refused: 1 } : { failed: 1 };
}

/** A message that was tried on an open connection. */
export function observeOutcome(outcome: SendOutcome): PathCounts {
  switch (outcome.kind) {
    case "sent":
      return sent;
    case "refused":
      return asksForLess(outcome.reply) ? { messageErrors: 1, throttled: 1 } : { messageErrors: 1 };
    case "lost":
    case "in_doubt":
      return lost;
    case "unsendable":
      return nothing;
  }
}

/**
 * True for answers that are about how fast or how much we send: 421, and 4.7.x but for greylisting, which every first attempt meets.
 * @source RFC 3463 section 3.8; RFC 6647 for greylisting
 */
export function asksForLess({ code, enhancedCode, lines }: SmtpReply): boolean {
  if (code === 421) return true;
  return code < 500 && enhancedCode?.startsWith("4.7.") === true && !/gr[ae]y-?\s?list/i.test(lines.join(" "));
}
