/** What is asked of a server about notices of delivery, as parameters of MAIL and RCPT. */

export type DsnRequest = {
  /** When a notice is wanted; an empty list = never. Left out, the server decides, which usually means at failure. */
  readonly notify?: readonly ("success" | "failure" | "delay")[];
  /** How much of the message comes back with a notice of failure. */
  readonly returned?: "headers" | "full";
  /** Comes back in every notice: at most 100 printable characters of ASCII, else it is left out. */
  readonly envelopeId?: string;
  /** The address as the sender knows it, which comes back although the mail was forwarded. */
  readonly originalRecipient?: string;
};

/** Each begins with a blank, or is empty. */
export type DsnParameters = { readonly mail: string; readonly rcpt: string };

const longestEnvelopeId = 100;
const longestOriginalRecipient = 500;

/**
 * Writes the parameters; what cannot be written is left out, since a message does not depend on them.
 * @source RFC 3461 sections 4.1 to 4.4, RFC 6533 section 3
 */
export function writeDsnParameters(request: DsnRequest): DsnParameters {
  const { notify, returned, envelopeId, originalRecipient } = request;
  const mail: string[] = [];
  if (returned !== undefined) mail.push(` RET=${returned === "full" ? "FULL" : "HDRS"}`);
  if (envelopeId !== undefined && /^[ -~]+$/.test(envelopeId) && envelopeId.length <= longestEnvelopeId)
    mail.push(` ENVID=${toXtext(envelopeId)}`);
  const rcpt: string[] = [];
  if (notify !== undefined) rcpt.push(` NOTIFY=${notify.length === 0 ? "NEVER" : notify.join(",").toUpperCase()}`);
  const original = originalRecipient === undefined ? undefined : writeOriginal(originalRecipient);
  if (original !== undefined) rcpt.push(` ORCPT=${original}`);
  return { mail: mail.join(""), rcpt: rcpt.join("") };
}

function writeOriginal(address: string): string | undefined {
  if (/\p{C}/u.test(address)) return undefined;
  const written = /^[ -~]*$/.test(address) ? `rfc822;${toXtext(address)}` : `utf-8;${toUnicodeXtext(address)}`;
  return written.length <= longestOriginalRecipient ? written : undefined;
}

/** Everything but printable ASCII, and `+` and `=`, as `+` and two digits. */
function toXtext(text: string): string {
  return text.replace(/[^!-*,-<>-~]/g, (letter) => `+${hex(letter).padStart(2, "0")}`);
}

/** The same where letters beyond ASCII are named by their number, which every server can carry. */
function toUnicodeXtext(text: string): string {
  return text.replace(/[^!-*,-<>-[\]-~]/gu, (letter) => `\\x{${hex(letter)}}`);
}

function hex(letter: string): string {
  return (letter.codePointAt(0) ?? 0).toString(16).toUpperCase();
}
