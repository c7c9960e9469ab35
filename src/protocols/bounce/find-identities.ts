/** Gathers where our own identity may stand in a mail that came back: return paths and Message-IDs. */

import { cleanAddress } from "./clean-address.ts";
import { cutReturnedMail } from "./cut-returned-mail.ts";
import type { ClaimedIdentities } from "./inbound-report.ts";
import { type Mail, readFields } from "./read-mail.ts";

const returnedTypes =
  /^(?:message\/(?:rfc822|global|rfc822-headers|partial)|text\/(?:rfc822-headers?|x-rfc822-headers))$/;
const longestHeader = 256 * 1024;
const mostIdentities = 20;

/**
 * What the mail claims about whose message it is.
 * @param envelopeRecipients RCPT TO of the mail, where it came by SMTP
 */
export function findIdentities(mail: Mail, envelopeRecipients: readonly string[]): ClaimedIdentities {
  const named = ["x-original-to", "delivered-to", "envelope-to", "to"].flatMap((name) => mail.header(name));
  const returnedHeaders = returnedHeadersOf(mail);
  const returnPathsInside = returnedHeaders.flatMap((fields) => fields.get("return-path") ?? []);
  const idsInside = returnedHeaders.flatMap((fields) => fields.get("message-id") ?? []);
  const idsInText = [...mail.text.matchAll(/^[>\s]{0,20}message-id\s*:\s*(<[^<>\s]{3,400}>)/gim)]
    .slice(0, mostIdentities)
    .map((match) => match[1] ?? "");
  const answered = [
    ...mail.header("in-reply-to"),
    ...mail.header("references"),
    ...mail.header("x-original-message-id"),
  ];
  return {
    returnPaths: unique([...envelopeRecipients, ...named, ...returnPathsInside].map(cleanAddress)),
    messageIds: unique([...idsInside, ...idsInText, mail.subject, ...answered].flatMap(messageIdsIn)),
  };
}

function returnedHeadersOf(mail: Mail): ReadonlyMap<string, readonly string[]>[] {
  const blocks = mail.parts
    .filter(({ type }) => returnedTypes.test(type) || type === "message/feedback-report" || type.startsWith("message/"))
    .slice(0, mostIdentities)
    .map(
      ({ content }) =>
        content
          .toString("latin1", 0, longestHeader)
          .replace(/^[\r\n]+/, "")
          .split(/\r?\n\r?\n/, 1)[0] ?? "",
    );
  const quoted = cutReturnedMail(mail.text).returned;
  return [...blocks, quoted].map((block) => readFields(block));
}

function messageIdsIn(value: string): string[] {
  return [...value.slice(0, 8_192).matchAll(/<[^<>\s]{3,400}>/g)].map((match) => match[0]);
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values.filter(Boolean))].slice(0, mostIdentities);
}
