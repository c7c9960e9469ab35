/** Says what a mail that came back reports: a failed delivery, a complaint, an automatic answer, a wish to leave, or nothing known. */

import { chooseDiagnostic } from "./choose-diagnostic.ts";
import { cleanAddress } from "./clean-address.ts";
import { isAutoReply } from "./detect-auto-reply.ts";
import { findIdentities } from "./find-identities.ts";
import type { DeliveryAction, InboundReport, NoticeRecipient } from "./inbound-report.ts";
import { looksLikeNotice } from "./looks-like-notice.ts";
import type { Qualification } from "./qualification.ts";
import { qualifyReply, readEnhancedStatus, readReplyCode } from "./qualify-reply.ts";
import { readDeliveryStatus, type StatusRecipient } from "./read-delivery-status.ts";
import { readFeedbackReport } from "./read-feedback-report.ts";
import { type Mail, readMail } from "./read-mail.ts";
import { failedRecipientsOf, noticeLines, readPlainNotice } from "./read-plain-notice.ts";

/**
 * Reads a raw mail. Never throws; size, depth, parts and recipients are bounded.
 * @param envelopeRecipients RCPT TO addresses, where the mail came by SMTP
 */
export async function parseInboundReport(
  raw: Buffer,
  envelopeRecipients: readonly string[] = [],
): Promise<InboundReport> {
  const mail = await readMail(raw);
  const common = {
    identities: findIdentities(mail, envelopeRecipients),
    subject: printable(mail.subject).slice(0, 998),
  };
  const sender = cleanAddress(mail.header("from")[0] ?? "");

  const feedback = readFeedbackReport(mail);
  if (feedback !== undefined) return { ...common, kind: "complaint", ...feedback };
  const statuses = readDeliveryStatus(mail.parts);
  if (statuses.length > 0) return { ...common, kind: "dsn", recipients: fromStatuses(mail, statuses) };
  if (isWishToLeave(mail)) return { ...common, kind: "unsubscribe", sender };
  if (mail.parts.some(({ type }) => type === "message/disposition-notification")) return { ...common, kind: "other" };
  if (looksLikeNotice(mail)) {
    const recipients = fromText(mail);
    if (recipients.length > 0) return { ...common, kind: "dsn", recipients };
  }
  if (isAutoReply(mail)) return { ...common, kind: "autoReply", sender };
  return { ...common, kind: "other" };
}

/** `mailto:` of List-Unsubscribe: the subject is the word, alone or followed by our Message-ID. @source RFC 2369 */
function isWishToLeave(mail: Mail): boolean {
  return (
    /^\s*unsubscribe\s*(?:<|$)/i.test(mail.subject) &&
    !(mail.header("auto-submitted")[0] ?? "no").toLowerCase().startsWith("auto")
  );
}

function fromStatuses(mail: Mail, statuses: readonly StatusRecipient[]): NoticeRecipient[] {
  const named = [...new Set(statuses.map(({ recipient }) => recipient).filter(Boolean))];
  const inText = readPlainNotice(mail, named.length > 0 ? named : failedRecipientsOf(mail));
  const wordsOf = new Map(inText.map(({ recipient, diagnostic }) => [recipient, diagnostic]));
  const isAfterData = /in reply to end of data/i.test(mail.text.replace(/\s+/g, " ").slice(0, 8_000));
  return statuses.map((status) => {
    const recipient = status.recipient || (inText[0]?.recipient ?? "");
    const { originalRecipient, diagnostic } = status;
    const action = status.action ?? (status.status?.startsWith("2.") === true ? "delivered" : "failed");
    const words = isTelling(diagnostic)
      ? diagnostic
      : `${diagnostic} ${chooseDiagnostic(wordsOf.get(recipient) ?? "")}`.trim();
    return {
      recipient,
      ...(originalRecipient !== "" && originalRecipient !== recipient ? { originalRecipient } : {}),
      action,
      ...(status.status === undefined ? {} : { status: status.status }),
      diagnostic: printable(words).slice(0, 2_000),
      qualification: softenAfterData(qualifyAction(action, words, status.status), isAfterData),
    };
  });
}

/** A server that took the recipient and refused after the message's end refuses the message, in whatever words. */
function softenAfterData(found: Qualification, isAfterData: boolean): Qualification {
  return isAfterData && found.type === "hard" ? { type: "soft", reason: "refused" } : found;
}

function qualifyAction(action: DeliveryAction, words: string, status: string | undefined): Qualification {
  switch (action) {
    case "failed":
      return qualifyNotice(words, status);
    case "delayed": {
      const { reason } = qualifyNotice(words, status);
      return { type: "ignored", reason: reason === "notDefined" ? "unreachable" : reason };
    }
    case "delivered":
    case "relayed":
    case "expanded":
      return { type: "none", reason: "notDefined" };
  }
}

/** A diagnostic of a bare exit code or of nothing does not say why. */
function isTelling(diagnostic: string): boolean {
  return /[a-z]{3}.*[a-z]{3}/i.test(diagnostic);
}

function qualifyNotice(words: string, status: string | undefined): Qualification {
  const code = readReplyCode(words);
  const enhanced = readEnhancedStatus(words) ?? status;
  const found = qualifyReply({
    text: words,
    ...(code === undefined ? {} : { code }),
    ...(enhanced === undefined ? {} : { enhanced }),
  });
  // A notice of failure is a failure, whatever successful reply stands among its lines.
  return found.type === "none" ? { type: "soft", reason: "notDefined" } : found;
}

function fromText(mail: Mail): NoticeRecipient[] {
  const action: DeliveryAction = saysDelayed(mail) ? "delayed" : "failed";
  const found = readPlainNotice(mail, failedRecipientsOf(mail));
  const whole = found.length === 1 ? chooseDiagnostic(noticeLines(mail.text).join("\n")) : "";
  return found.map(({ recipient, diagnostic }) => {
    const own = chooseDiagnostic(diagnostic);
    // What stands behind the address says nothing known: the reason may stand before it.
    const words = whole !== "" && qualifyNotice(own, undefined).reason === "notDefined" ? whole : own;
    const status = readEnhancedStatus(words);
    return {
      recipient,
      action,
      ...(status === undefined ? {} : { status }),
      diagnostic: printable(words),
      qualification: qualifyAction(action, words, undefined),
    };
  });
}

/** A notice that the message is still being tried. */
function saysDelayed(mail: Mail): boolean {
  const head = mail.text.slice(0, 4_000);
  return (
    /\bdelay(?:ed)?\b/i.test(mail.subject) ||
    /warning message only|do not need to resend|will be retried|still being retried|delivery attempts will continue|has been delayed/i.test(
      head,
    )
  );
}

/** Strangers' words without control characters and half characters, so that they can be stored and shown. */
function printable(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, " ")
    .toWellFormed()
    .trim();
}
