/** Decides what a mail does to the ledger, the quarantine and the recipient. */

import type { InboundReport, NoticeRecipient } from "#protocols/bounce/inbound-report.ts";
import type { Qualification } from "#protocols/bounce/qualification.ts";
import type { MessageIdentity } from "#protocols/message-identity/message-identity.ts";

import type { Identified } from "./identify-message.ts";

export type Effect =
  | {
      readonly kind: "bounce";
      readonly identity: MessageIdentity;
      readonly qualification: Qualification;
      readonly text: string;
    }
  | { readonly kind: "complaint"; readonly identity: MessageIdentity; readonly text: string }
  | { readonly kind: "unsubscribe"; readonly identity: MessageIdentity }
  /** Written down and of no other effect. */
  | { readonly kind: "noted"; readonly as: NotedAs; readonly identity?: MessageIdentity; readonly text: string };

export type NotedAs =
  | "autoReply"
  | "delayed"
  | "delivered"
  | "notSpam"
  | "ignored"
  | "unmatched"
  | "otherInstance"
  | "other";

/** The effect of a report; one that is not proved to be about a message of ours has none. */
export function decideEffect(report: InboundReport, identified: Identified): Effect {
  if (identified.kind === "otherInstance") return { kind: "noted", as: "otherInstance", text: identified.instance };
  if (identified.kind === "unknown")
    return { kind: "noted", as: report.kind === "other" ? "other" : "unmatched", text: describe(report) };
  const { identity } = identified;
  switch (report.kind) {
    case "dsn":
      return decideNotice(report.recipients, identity);
    case "complaint":
      return report.feedbackType === "not-spam" || report.feedbackType === "auth-failure"
        ? { kind: "noted", as: "notSpam", identity, text: report.feedbackType }
        : { kind: "complaint", identity, text: `Complaint (${report.feedbackType})` };
    case "unsubscribe":
      return { kind: "unsubscribe", identity };
    case "autoReply":
      return { kind: "noted", as: "autoReply", identity, text: report.subject };
    case "other":
      return { kind: "noted", as: "other", identity, text: report.subject };
  }
}

/** A message of ours has one recipient; a notice may name more, when the mail was forwarded. The first failure counts. */
function decideNotice(recipients: readonly NoticeRecipient[], identity: MessageIdentity): Effect {
  const failed =
    recipients.find(({ action }) => action === "failed") ??
    recipients.find(({ action }) => action === "delayed") ??
    recipients[0];
  if (failed === undefined) return { kind: "noted", as: "other", identity, text: "" };
  const { qualification, action, diagnostic } = failed;
  if (action === "delayed") return { kind: "noted", as: "delayed", identity, text: diagnostic };
  if (action !== "failed" || qualification.type === "none")
    return { kind: "noted", as: "delivered", identity, text: diagnostic };
  if (qualification.type === "ignored") return { kind: "noted", as: "ignored", identity, text: diagnostic };
  return {
    kind: "bounce",
    identity,
    qualification,
    text: diagnostic === "" ? `Status ${failed.status ?? "not given"}` : diagnostic,
  };
}

function describe(report: InboundReport): string {
  return report.kind === "dsn" ? (report.recipients[0]?.diagnostic ?? "") : report.subject;
}
