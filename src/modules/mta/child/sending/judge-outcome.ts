/** Decides what a server's answer means for the message: sent, failed, to be tried again, or in doubt. */

import type { Outcome } from "#campaign/broadlog/outcome.ts";
import { describeError, isPostriderError } from "#foundation/errors.ts";
import { qualifyReply } from "#protocols/bounce/qualify-reply.ts";
import { isPermanent, replyText, type SmtpReply } from "#protocols/smtp/reply.ts";
import type { SendOutcome } from "#protocols/smtp/outcome.ts";
import { type FailureReason, failureReasons, type FailureType, failureTypes } from "#schemas/codes.ts";

export type Verdict = Omit<Outcome, "broadLogId" | "at">;

/**
 * The verdict on one attempt. A reply from 550 fails the message, and 521 (no mail here); every other refusal concerns the session,
 * and the message is tried again.
 * @source Classic: "message failed (reply 550-599), session failed"; RFC 1047 for what is in doubt
 */
export function judgeOutcome(outcome: SendOutcome): Verdict {
  switch (outcome.kind) {
    case "sent":
      return {
        kind: "sent",
        failureType: failureTypes.none,
        failureReason: failureReasons.notDefined,
        text: replyText(outcome.reply),
      };
    case "refused":
      return judgeReply(outcome.reply);
    case "unsendable":
      return judgeUnsendable(outcome);
    case "lost":
      return deferral(`the connection was lost at ${outcome.stage}: ${outcome.loss.text}`);
    case "in_doubt":
      return { ...deferral(`no answer to the final dot: ${outcome.loss.text}`), kind: "in_doubt" };
  }
}

/** A message that could not be handed to any server now. */
export function deferral(text: string): Verdict {
  return verdict("deferred", "soft", "unreachable", text);
}

/** A message to a domain that takes no mail. */
export function invalidDomain(text: string, type: FailureType): Verdict {
  return verdict("failed", type, "invalidDomain", text);
}

/** A message that none of our addresses may carry: our settings' doing, so the address is not blamed. */
export function withoutAddress(affinity: string, domain: string): Verdict {
  const text = `no IP address of the affinity ${affinity === "" ? "default" : affinity} may be used for ${domain}`;
  return verdict("deferred", "ignored", "unreachable", text);
}

/** A message that could not be composed: our fault, so the address is not blamed. What may pass is tried again. */
export function notComposed(error: unknown): Verdict {
  const text = `the message could not be composed: ${describeError(error)}`;
  const mayPass = isPostriderError(error) && error.mayRetry;
  return verdict(mayPass ? "deferred" : "failed", "ignored", "notDefined", text);
}

/** True when a reply of the server ends the message's life. */
export function failsMessage(reply: SmtpReply): boolean {
  return (isPermanent(reply) && reply.code >= 550) || reply.code === 521;
}

function judgeReply(reply: SmtpReply): Verdict {
  const text = replyText(reply);
  const { type, reason } = qualifyReply({
    code: reply.code,
    text,
    ...(reply.enhancedCode === undefined ? {} : { enhanced: reply.enhancedCode }),
  });
  if (failsMessage(reply)) return verdict("failed", type, reason, text);
  return verdict("deferred", type === "hard" ? "soft" : type, reason, text);
}

function judgeUnsendable({ reason, text }: Extract<SendOutcome, { kind: "unsendable" }>): Verdict {
  switch (reason) {
    case "unsafe_address":
      return verdict("failed", "hard", "userUnknown", `5.1.3 ${text}`);
    case "needs_smtputf8":
      return verdict("failed", "hard", "unreachable", `5.6.7 ${text}`);
    case "needs_8bitmime":
      return verdict("failed", "soft", "refused", `5.6.3 ${text}`);
    case "too_large":
      return verdict("failed", "soft", "refused", `5.3.4 ${text}`);
  }
}

function verdict(kind: Verdict["kind"], type: FailureType, reason: FailureReason, text: string): Verdict {
  return { kind, failureType: failureTypes[type], failureReason: failureReasons[reason], text };
}
