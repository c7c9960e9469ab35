/** Which texts are a mail address that may stand in an envelope and in a header; everything else is refused, never repaired. */

import { domainToASCII } from "node:url";

/**
 * What an address looks like, in a form that JavaScript and PostgreSQL (whose texts hold no NUL) read alike: no quotes, comments, lists, spaces or controls,
 * so that it can end neither an SMTP command nor a header. Letters of other scripts are allowed on both sides.
 * @source RFC 5321 section 4.1.2 (without quoted strings), RFC 6531
 */
export const mailAddressPattern =
  '^[^\\s\\u0001-\\u0020\\u007f-\\u00a0\\u2028\\u2029<>()\\[\\]\\\\,;:@".]+(\\.[^\\s\\u0001-\\u0020\\u007f-\\u00a0\\u2028\\u2029<>()\\[\\]\\\\,;:@".]+)*' +
  "@([a-zA-Z0-9\\u00a1-\\uffff]([a-zA-Z0-9\\u00a1-\\uffff-]*[a-zA-Z0-9\\u00a1-\\uffff])?\\.)+" +
  "[a-zA-Z\\u00a1-\\uffff]([a-zA-Z0-9\\u00a1-\\uffff-]*[a-zA-Z0-9\\u00a1-\\uffff])?$";

/** Octets that SMTP allows before the @ and in all. */
export const longestLocalPart = 64;
export const longestAddress = 254;

const form = new RegExp(mailAddressPattern);

/** True for one address that is safe in an SMTP command and in a header. */
export function isMailAddress(text: string): boolean {
  if (
    text.length > longestAddress ||
    Buffer.byteLength(text) > longestAddress ||
    !text.isWellFormed() ||
    text.includes("\0") ||
    !form.test(text)
  )
    return false;
  return Buffer.byteLength(text.slice(0, text.lastIndexOf("@"))) <= longestLocalPart;
}

/** The address as it is given to servers: its domain in ASCII (`xn--`), the part before the @ untouched. */
export function toWireAddress(address: string): string {
  if (/^[\x20-\x7e]*$/.test(address)) return address;
  const at = address.lastIndexOf("@");
  const domain = domainToASCII(address.slice(at + 1));
  return domain === "" ? address : `${address.slice(0, at)}@${domain}`;
}

/** True when only a server with SMTPUTF8 can take the address. */
export function needsSmtpUtf8(wireAddress: string): boolean {
  return !/^[\x20-\x7e]*$/.test(wireAddress);
}
