/** Turns the bytes of a request into text, in the character sets that SOAP clients use. */

import { SoapError } from "./soap-error.ts";

const decoders: Readonly<Record<string, string>> = {
  "utf-8": "utf-8",
  utf8: "utf-8",
  "us-ascii": "utf-8",
  ascii: "utf-8",
  "iso-8859-1": "windows-1252",
  latin1: "windows-1252",
  "windows-1252": "windows-1252",
};

/**
 * Decodes a body by its Content-Type, else by its XML declaration, else as UTF-8.
 * @throws SoapError when the bytes are not what they are said to be, or in a character set that is not accepted
 */
export function decodeBody(bytes: Uint8Array, contentType: string | undefined): string {
  const declared = /<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(
    Buffer.from(bytes.subarray(0, 300)).toString("latin1"),
  )?.[1];
  const charset = (
    /;\s*charset\s*=\s*"?([\w.:-]{1,40})/i.exec(contentType ?? "")?.[1] ??
    declared ??
    "utf-8"
  ).toLowerCase();
  const label = Object.hasOwn(decoders, charset) ? decoders[charset] : undefined;
  if (label === undefined) throw new SoapError("invalid", "its character set is not accepted; use UTF-8");
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SoapError("invalid", `its bytes are not ${charset}`, { cause });
  }
}
