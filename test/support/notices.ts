/** Mails as servers send them back about our messages. */

export type NoticeParts = {
  /** Where it is sent to, normally the return path. */
  readonly to?: string;
  /** Message-ID of the message it returns. */
  readonly messageId?: string;
  readonly recipient?: string;
  readonly action?: string;
  readonly status?: string;
  readonly diagnostic?: string;
};

/** An RFC 3464 notice: of a user unknown, unless told otherwise. */
export function aDsn({
  to = "bounces@example.org",
  messageId = "<returned@example.org>",
  recipient = "jo@example.com",
  action = "failed",
  status = "5.1.1",
  diagnostic = "smtp; 550 5.1.1 User unknown",
}: NoticeParts): string {
  return lines(
    "From: MAILER-DAEMON@mx.example.com",
    `To: <${to}>`,
    "Subject: Undelivered Mail Returned to Sender",
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    "",
    "--b",
    "Content-Type: text/plain",
    "",
    "Your message could not be delivered.",
    "--b",
    "Content-Type: message/delivery-status",
    "",
    "Reporting-MTA: dns; mx.example.com",
    "",
    `Final-Recipient: rfc822; ${recipient}`,
    `Action: ${action}`,
    `Status: ${status}`,
    `Diagnostic-Code: ${diagnostic}`,
    "",
    "--b",
    "Content-Type: message/rfc822",
    "",
    `Message-ID: ${messageId}`,
    "Subject: News",
    "",
    "Hello",
    "--b--",
  );
}

/** An RFC 5965 report. */
export function aComplaint(
  { to = "fbl@example.org", messageId = "<returned@example.org>" }: NoticeParts,
  type = "abuse",
): string {
  return lines(
    "From: fbl@provider.example",
    `To: <${to}>`,
    "Subject: FW: News",
    'Content-Type: multipart/report; report-type=feedback-report; boundary="b"',
    "",
    "--b",
    "Content-Type: message/feedback-report",
    "",
    `Feedback-Type: ${type}`,
    "User-Agent: Test/1",
    "Version: 1",
    "",
    "--b",
    "Content-Type: message/rfc822",
    "",
    `Message-ID: ${messageId}`,
    "",
    "Hello",
    "--b--",
  );
}

/** A mail of a person or a program. */
export function aMail(headers: Readonly<Record<string, string>>, body = "Hello"): string {
  return lines(...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), "", body);
}

function lines(...all: readonly string[]): string {
  return `${all.join("\r\n")}\r\n`;
}
