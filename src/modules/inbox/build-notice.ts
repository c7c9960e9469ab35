/** Writes the mail that a provider would send back: a delivery status, an automatic answer, or a complaint. */

import type { OwedNotice } from "#campaign/inbox/inbox-message.ts";

export type Notice = {
  readonly from: string;
  readonly to: string;
  readonly content: string;
};

/**
 * The notice about a kept message; the same for the same message, so that one that is sent twice is counted once.
 * @source RFC 3464, RFC 3834, RFC 5965
 */
export function buildNotice(about: OwedNotice): Notice {
  switch (about.verdict) {
    case "bounced":
      return { from: "", to: about.envelopeFrom, content: deliveryStatus(about) };
    case "complained":
      return { from: "", to: about.envelopeFrom, content: feedbackReport(about) };
    case "answered":
    case "delivered":
      return { from: "", to: about.envelopeFrom, content: automaticAnswer(about) };
  }
}

function deliveryStatus(about: OwedNotice): string {
  const domain = domainOf(about.envelopeTo);
  const boundary = `notice-${about.id}`;
  return mail([
    ...header(about, {
      from: `Mail Delivery System <MAILER-DAEMON@${domain}>`,
      subject: "Undelivered Mail Returned to Sender",
    }),
    `Content-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"`,
    "Auto-Submitted: auto-replied",
    "",
    `--${boundary}`,
    "Content-Type: text/plain; charset=utf-8",
    "",
    "This is the mail system. Your message could not be delivered.",
    "",
    `<${about.envelopeTo}>: User unknown`,
    "",
    `--${boundary}`,
    "Content-Type: message/delivery-status",
    "",
    `Reporting-MTA: dns; ${domain}`,
    `Arrival-Date: ${dateOf(about.received)}`,
    "",
    `Final-Recipient: rfc822; ${about.envelopeTo}`,
    "Action: failed",
    "Status: 5.1.1",
    `Diagnostic-Code: smtp; 550 5.1.1 <${about.envelopeTo}>: Recipient address rejected: User unknown`,
    "",
    `--${boundary}`,
    "Content-Type: text/rfc822-headers",
    "",
    ...returnedHeader(about),
    "",
    `--${boundary}--`,
    "",
  ]);
}

function feedbackReport(about: OwedNotice): string {
  const boundary = `notice-${about.id}`;
  return mail([
    ...header(about, { from: `Feedback loop <fbl@${domainOf(about.envelopeTo)}>`, subject: `FW: ${about.subject}` }),
    `Content-Type: multipart/report; report-type=feedback-report; boundary="${boundary}"`,
    "",
    `--${boundary}`,
    "Content-Type: text/plain; charset=utf-8",
    "",
    "This is a report that a reader marked a message as spam.",
    "",
    `--${boundary}`,
    "Content-Type: message/feedback-report",
    "",
    "Feedback-Type: abuse",
    "User-Agent: Postrider-inbox/1.0",
    "Version: 1",
    `Original-Rcpt-To: <${about.envelopeTo}>`,
    `Arrival-Date: ${dateOf(about.received)}`,
    "",
    `--${boundary}`,
    "Content-Type: message/rfc822",
    "",
    ...returnedHeader(about),
    "",
    "",
    `--${boundary}--`,
    "",
  ]);
}

function automaticAnswer(about: OwedNotice): string {
  return mail([
    ...header(about, { from: `<${about.envelopeTo}>`, subject: `Automatic reply: ${about.subject}` }),
    "Content-Type: text/plain; charset=utf-8",
    "Auto-Submitted: auto-replied",
    `In-Reply-To: ${about.messageId}`,
    `References: ${about.messageId}`,
    "",
    "I am out of the office and will read your message when I am back.",
    "",
  ]);
}

function header(about: OwedNotice, { from, subject }: { from: string; subject: string }): string[] {
  return [
    `Date: ${dateOf(about.received)}`,
    `From: ${from}`,
    `To: <${about.envelopeFrom}>`,
    `Subject: ${encodeSubject(subject)}`,
    `Message-ID: <notice-${about.id}-${about.received.getTime().toString(36)}@${domainOf(about.envelopeTo)}>`,
    "MIME-Version: 1.0",
  ];
}

function returnedHeader({ head }: OwedNotice): string[] {
  const text = head.toString("utf8");
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  return text
    .slice(0, end)
    .split(/\r?\n/)
    .filter((line) => !line.startsWith("--"));
}

/** RFC 2047 words where the subject is not plain ASCII. */
function encodeSubject(subject: string): string {
  const line = subject.replace(/\p{Cc}+/gu, " ");
  if (/^[\x20-\x7e]*$/.test(line)) return line.slice(0, 900);
  const words = line.slice(0, 300).match(/.{1,12}/gsu) ?? [];
  return words.map((word) => `=?utf-8?B?${Buffer.from(word, "utf8").toString("base64")}?=`).join("\r\n ");
}

function mail(lines: readonly string[]): string {
  return lines.join("\r\n");
}

function dateOf(moment: Date): string {
  return moment.toUTCString().replace("GMT", "+0000");
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1).toLowerCase();
}
