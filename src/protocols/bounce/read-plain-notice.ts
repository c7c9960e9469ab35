/** Reads a notice that has no machine-readable part: which addresses failed, and in which words. */

import { cleanAddress, isAddress } from "./clean-address.ts";
import { cutReturnedMail } from "./cut-returned-mail.ts";
import type { Mail } from "./read-mail.ts";
import { mostRecipients } from "./read-delivery-status.ts";

export type PlainRecipient = { readonly recipient: string; readonly diagnostic: string };

/** Longer notices are not explained by their end. */
const mostLines = 600;
const longestLine = 1_000;

/**
 * The recipients that the words of a notice name, each with the words that belong to it.
 * @param named addresses known from the header or a delivery status; those in the text are taken when none of them stands there
 */
export function readPlainNotice(mail: Mail, named: readonly string[]): PlainRecipient[] {
  const lines = noticeLines(mail.text);
  const inText = named.some((address) => lines.some((line) => includesAddress(line, address)));
  const found = inText
    ? []
    : findRecipients(
        lines,
        mail,
        named.length > 0 ? [addressesAtLineStart] : [addressesAtLineStart, addressesAfterCommands, addressesAnywhere],
      );
  const recipients = (found.length > 0 ? found : named).slice(0, mostRecipients);
  const words = wordsByRecipient(recipients, lines);
  return recipients.map((recipient) => ({ recipient, diagnostic: words.get(recipient) ?? "" }));
}

/** The lines of the notice itself, without quote marks, cut to a sane length. */
export function noticeLines(text: string): string[] {
  return cutReturnedMail(text)
    .notice.split("\n", mostLines)
    .map((line) => line.slice(0, longestLine).replace(/\s+$/, ""));
}

/** Recipients named in the header: Exim's, qmail's and gateways' fields. */
export function failedRecipientsOf(mail: Mail): string[] {
  const fields = ["x-failed-recipients", "x-bounced-address", "x-failed-recipient"].flatMap((name) =>
    mail.header(name),
  );
  const addresses = fields
    .flatMap((value) => value.split(",", mostRecipients))
    .map(cleanAddress)
    .filter(Boolean);
  return [...new Set(addresses)];
}

type Finder = (line: string) => string[];

function findRecipients(lines: readonly string[], mail: Mail, finders: readonly Finder[]): string[] {
  const own = new Set(
    ["from", "to", "reply-to", "return-path", "delivered-to"]
      .flatMap((name) => mail.header(name))
      .map((value) => cleanAddress(value).toLowerCase()),
  );
  const isReporter = (address: string): boolean =>
    /^(?:mailer-daemon|postmaster|abuse|support|helpdesk)@/i.test(address);
  const isForeign = (address: string): boolean => !own.has(address.toLowerCase());
  for (const isWanted of [(address: string) => isForeign(address) && !isReporter(address), isForeign]) {
    for (const find of finders) {
      const found = [...new Set(lines.flatMap(find).filter(isWanted))];
      if (found.length > 0) return found;
    }
  }
  const returned = cleanAddress(/^to\s*:\s*(.{3,400})$/im.exec(cutReturnedMail(mail.text).returned)?.[1] ?? "");
  if (returned !== "" && isForeign(returned)) return [returned];
  // A mail to oneself that failed.
  return [...new Set(lines.flatMap(addressesAtLineStart))].filter((address) => !isReporter(address));
}

/** `<a@b>:`, `  a@b`, `* a@b`, `Recipient: <a@b>`. */
function addressesAtLineStart(line: string): string[] {
  const found =
    /^[\s>*•\-|]*(?:(?:recipient|rcpt to|to|address|failed recipient|final-recipient|user|mailbox)s?(?: address)?\s*:\s*(?:rfc822;)?\s*)?<?([^\s<>()[\],;:"]{1,256}@[^\s<>()[\],;:"]{1,255}?)>?[.,:;]?(?=$|[\s<([])/i.exec(
      line,
    )?.[1];
  return found !== undefined && isAddress(found) ? [found] : [];
}

/** `RCPT TO:<a@b>`, `550 5.1.1 <a@b>... User unknown`. */
function addressesAfterCommands(line: string): string[] {
  const after =
    /(?:^|[\s(<])(?:rcpt to|to|for|unknown user|unknown|recipient|address)\s*:?\s*<?([^\s<>()[\],;:"]{1,256}@[^\s<>()[\],;:"]{1,255})>?/i.exec(
      line,
    )?.[1];
  const found = after ?? (/\b[45]\d\d\b/.test(line) ? firstAddress(line) : undefined);
  return found !== undefined && isAddress(trimmed(found)) ? [trimmed(found)] : [];
}

function addressesAnywhere(line: string): string[] {
  const found = firstAddress(line);
  return found !== undefined && isAddress(trimmed(found)) ? [trimmed(found)] : [];
}

function firstAddress(line: string): string | undefined {
  return /[^\s<>()[\],;:"'`=]{1,256}@[^\s<>()[\],;:"'`=]{1,255}/.exec(line)?.[0];
}

function trimmed(address: string): string {
  return address.replace(/[.>]+$/, "");
}

const mostExplained = 50;

/** The lines from each naming of an address up to the naming of another; the whole notice where that gives no reason. */
function wordsByRecipient(recipients: readonly string[], lines: readonly string[]): Map<string, string> {
  const telling = lines.map((line) => line.trim()).filter(Boolean);
  const whole = telling.join("\n").slice(0, longestWords);
  if (recipients.length > mostExplained) return new Map(recipients.map((recipient) => [recipient, whole]));
  const own = new Map<string, string[]>(recipients.map((recipient) => [recipient, []]));
  let current: readonly string[] = [];
  for (const line of telling) {
    const named = recipients.filter((recipient) => includesAddress(line, recipient));
    if (named.length > 0) current = named;
    for (const recipient of current) own.get(recipient)?.push(line);
  }
  return new Map(
    [...own].map(([recipient, words]) => [
      recipient,
      wordsOrWhole(words.join("\n"), recipients.length === 1 ? whole : ""),
    ]),
  );
}

const longestWords = 8_000;

function wordsOrWhole(words: string, whole: string): string {
  const isReason = words.replace(/\S+@\S+/g, "").trim().length > 12;
  return (isReason || whole === "" ? words : whole).slice(0, longestWords);
}

function includesAddress(line: string, address: string): boolean {
  return line.toLowerCase().includes(address.toLowerCase());
}
