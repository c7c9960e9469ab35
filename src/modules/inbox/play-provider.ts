/** What the built-in mailbox answers and does for an address: its test domains play a provider that bounces, defers, answers and complains. */

import type { Verdict } from "#campaign/inbox/inbox-message.ts";
import type { SmtpAnswer } from "#protocols/smtp-intake/listen-for-mail.ts";

export type Part =
  /** Refused at RCPT TO. */
  | { readonly kind: "refuse"; readonly answer: SmtpAnswer }
  /** Refused after the final dot the first time that this message comes to this address, then taken. */
  | { readonly kind: "defer" }
  | { readonly kind: "keep"; readonly verdict: Verdict };

/** The part that the mailbox plays for an address; the domains stand under the reserved top-level domain `test` (RFC 2606). */
export function partFor(address: string): Part {
  switch (domainOf(address)) {
    case "unknown.postrider.test":
      return {
        kind: "refuse",
        answer: { code: 550, text: `5.1.1 <${address}>: Recipient address rejected: User unknown` },
      };
    case "full.postrider.test":
      return { kind: "refuse", answer: { code: 452, text: `4.2.2 <${address}>: Mailbox full` } };
    case "defer.postrider.test":
      return { kind: "defer" };
    case "bounce.postrider.test":
      return { kind: "keep", verdict: "bounced" };
    case "ooo.postrider.test":
      return { kind: "keep", verdict: "answered" };
    case "complaint.postrider.test":
      return { kind: "keep", verdict: "complained" };
    default:
      return { kind: "keep", verdict: "delivered" };
  }
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1).toLowerCase();
}
