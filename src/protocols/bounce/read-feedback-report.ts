/** Reads a complaint that a mailbox provider forwards. @source RFC 5965, RFC 6591 */

import { cleanAddress } from "./clean-address.ts";
import type { FeedbackType } from "./inbound-report.ts";
import { type Mail, readFields } from "./read-mail.ts";

export type FeedbackReport = { readonly feedbackType: FeedbackType; readonly recipients: readonly string[] };

const longestPart = 256 * 1024;
const known: readonly FeedbackType[] = ["abuse", "fraud", "opt-out", "not-spam", "virus", "auth-failure"];

/** The feedback report of a mail, or undefined when it holds none. */
export function readFeedbackReport(mail: Mail): FeedbackReport | undefined {
  const part = mail.parts.find(({ type }) => type === "message/feedback-report");
  if (part === undefined) return readForwardedComplaint(mail);
  const fields = readFields(part.content.toString("utf8", 0, longestPart));
  const word = /^[a-z-]+/.exec((fields.get("feedback-type")?.[0] ?? "").toLowerCase())?.[0];
  const type = word?.startsWith("opt-out") ? "opt-out" : known.find((name) => name === word);
  const named = ["original-rcpt-to", "removal-recipient", "redacted-address"].flatMap((name) => fields.get(name) ?? []);
  const recipients = [...new Set([...named.map(cleanAddress), ...returnedRecipients(mail)].filter(Boolean))];
  return { feedbackType: type ?? "other", recipients: recipients.slice(0, 1) };
}

/** A complaint in the form that came before RFC 5965: the mail itself, under a subject that names the sending host. */
function readForwardedComplaint(mail: Mail): FeedbackReport | undefined {
  if (
    !/^complaint about message from \S+/i.test(mail.subject) ||
    !mail.parts.some(({ type }) => type === "message/rfc822")
  )
    return undefined;
  return { feedbackType: "abuse", recipients: returnedRecipients(mail).slice(0, 1) };
}

/** To: of the returned mail, for reports that name nobody. */
function returnedRecipients(mail: Mail): string[] {
  return mail.parts
    .filter(
      ({ type }) =>
        type === "message/rfc822" || type.startsWith("text/rfc822-header") || type === "message/rfc822-headers",
    )
    .flatMap(({ content }) =>
      readFields(
        content
          .toString("latin1", 0, longestPart)
          .replace(/^[\r\n]+/, "")
          .split(/\r?\n\r?\n/, 1)[0] ?? "",
      ),
    )
    .flatMap((fields) => fields.get("x-hmxmroriginalrecipient") ?? fields.get("to") ?? [])
    .map(cleanAddress);
}
