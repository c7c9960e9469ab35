/** Addresses that may stand in MAIL FROM and RCPT TO: what could become a second command, parameter or recipient is refused. */

import { domainToASCII } from "node:url";

export type EnvelopeAddress = {
  /** As it is written on the wire, its domain in ASCII; empty for the null sender. */
  readonly text: string;
  /** In ASCII and lower case; empty for the null sender. */
  readonly domain: string;
  /** True when the local part needs SMTPUTF8 (RFC 6531). */
  readonly needsSmtpUtf8: boolean;
};

const longestLocalPartBytes = 64;
const longestDomain = 253;
const longestAddressBytes = 254;

/** The sender of notices that must not be answered: `MAIL FROM:<>`. */
export const nullSender: EnvelopeAddress = { text: "", domain: "", needsSmtpUtf8: false };

/**
 * Accepts an address that SMTP can carry without quoting.
 * @returns undefined for everything else: controls, blanks, brackets, quotes, comments, two addresses, lengths above RFC 5321's
 * @source RFC 5321 section 4.1.2 (Dot-string), 4.5.3.1; RFC 6531 section 3.3
 */
export function parseEnvelopeAddress(text: string): EnvelopeAddress | undefined {
  const at = text.lastIndexOf("@");
  if (at < 1) return undefined;
  const local = text.slice(0, at);
  const domain = parseDomain(text.slice(at + 1));
  if (domain === undefined || !isDotString(local) || Buffer.byteLength(local) > longestLocalPartBytes) return undefined;
  const wire = `${local}@${domain}`;
  if (Buffer.byteLength(wire) > longestAddressBytes) return undefined;
  // eslint-disable-next-line no-control-regex -- all of ASCII is meant
  return { text: wire, domain, needsSmtpUtf8: /[^\x00-\x7f]/.test(local) };
}

/** The domain in ASCII, or undefined when it is none. Mail comes sorted by domain, so the last ones are remembered. */
function parseDomain(text: string): string | undefined {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const domain = readDomain(text);
  if (domain === undefined) return undefined;
  if (parsed.size >= mostRemembered) parsed.clear();
  parsed.set(text, domain);
  return domain;
}

const parsed = new Map<string, string>();
const mostRemembered = 1_000;

function readDomain(text: string): string | undefined {
  // Checked before domainToASCII, which reads `%6d`, ports and paths as a browser does.
  if (text.length > longestDomain || !/^[\p{L}\p{M}\p{N}._-]+$/u.test(text)) return undefined;
  const labels = domainToASCII(text).toLowerCase().split(".");
  const isName = labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  // No top-level domain is a number, so a name that ends in one is an IP address in disguise.
  const domain = labels.join(".");
  return isName && domain.length <= longestDomain && !/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? "")
    ? domain
    : undefined;
}

function isDotString(local: string): boolean {
  if (/^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*$/.test(local)) return true;
  return local
    .split(".")
    .every((atom) => /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u{80}-\u{10ffff}-]+$/u.test(atom) && !/[\p{C}\p{Z}]/u.test(atom));
}
