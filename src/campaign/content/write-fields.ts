/** Writes the header fields that differ from message to message. */

import { formatTemplate } from "./compile-headers.ts";
import { type MessageFacts, renderHeader } from "./render-slot.ts";

/**
 * Fields complete with CRLF, without the constant ones.
 * @source RFC 5322; RFC 2369 and RFC 8058 for the unsubscription
 */
export function writeFields(message: MessageFacts, now: Date): string[] {
  const { templates, hasUnsubscribe } = message.delivery.headers;
  const fields = [
    `To: ${message.to}\r\n`,
    `Date: ${now.toUTCString().replace("GMT", "+0000")}\r\n`,
    `Message-ID: ${message.messageId}\r\n`,
  ];
  for (const template of templates) {
    const field = formatTemplate(template, renderHeader(template, message));
    if (field !== "") fields.push(field);
  }
  if (!hasUnsubscribe)
    fields.push(
      `List-Unsubscribe: <${message.unsubscribeUrl}>,\r\n <mailto:${message.unsubscribeAddress}?subject=unsubscribe>\r\n`,
    );
  return fields;
}
