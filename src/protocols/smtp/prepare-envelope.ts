/** Decides whether a server can be given a message at all, and with which commands. */

import { isAscii } from "node:buffer";

import type { Margins } from "./conversation.ts";
import { type EnvelopeAddress, nullSender, parseEnvelopeAddress } from "./envelope-address.ts";
import type { SendOutcome } from "./outcome.ts";
import type { Extensions } from "./read-extensions.ts";
import { type DsnRequest, writeDsnParameters } from "./write-dsn-parameters.ts";

export type Message = {
  /** `from` is empty for the null sender; `dsn` is asked where the server offers DSN. */
  readonly envelope: { readonly from: string; readonly to: string; readonly dsn?: DsnRequest };
  /** Headers and body, not dot-stuffed. */
  readonly content: Buffer;
  /** The caller vouches for the content: ASCII, every line ended by CRLF, the last one too, none that begins with a dot. It is not looked through. */
  readonly isClean?: boolean;
  /** Bytes around the content, in the same memory, that may be overwritten with commands. */
  readonly margins?: Margins;
  /** Asked right before the content goes out behind DATA, or the group of a message by BDAT; false takes the message back, and ends the session. */
  readonly mayGo?: () => boolean | Promise<boolean>;
  /** Called when the content leaves next: from then on the server may have the message. False takes it back, and ends the session. */
  readonly mayLeave?: () => boolean;
  /** Called as soon as it is known what became of a message by DATA: before a content behind it leaves, and before `send` resolves. What it throws, `send` rejects with. */
  readonly onOutcome?: (outcome: SendOutcome) => void;
};

/** The commands of a transaction, each with CRLF. */
export type Envelope = { readonly mail: string; readonly rcpt: string };

/** The commands for a message; or why this server cannot take it, before anything is said. */
export function prepareEnvelope(extensions: Extensions, message: Message): Envelope | SendOutcome {
  const from = message.envelope.from === "" ? nullSender : parseEnvelopeAddress(message.envelope.from);
  const to = parseEnvelopeAddress(message.envelope.to);
  if (from === undefined || to === undefined)
    return unsendable("unsafe_address", "the address cannot be written in an SMTP command");

  const parameters: string[] = [];
  const size = message.content.length;
  if (extensions.size) parameters.push(` SIZE=${size}`);
  if (extensions.maxSizeBytes !== undefined && size > extensions.maxSizeBytes) {
    return unsendable("too_large", `the message has ${size} bytes, the server takes ${extensions.maxSizeBytes}`);
  }
  if (needsSmtpUtf8(from, to)) {
    if (!extensions.smtpUtf8)
      return unsendable("needs_smtputf8", "the address needs SMTPUTF8, which the server does not offer");
    parameters.push(" SMTPUTF8");
  }
  if (message.isClean !== true && !isAscii(message.content)) {
    if (!extensions.eightBitMime)
      return unsendable("needs_8bitmime", "the message needs 8BITMIME, which the server does not offer");
    parameters.push(" BODY=8BITMIME");
  }
  const { dsn } = message.envelope;
  if (dsn !== undefined && extensions.dsn) {
    const { mail, rcpt } = writeDsnParameters(dsn);
    parameters.push(mail);
    return { mail: `MAIL FROM:<${from.text}>${parameters.join("")}\r\n`, rcpt: `RCPT TO:<${to.text}>${rcpt}\r\n` };
  }
  return { mail: `MAIL FROM:<${from.text}>${parameters.join("")}\r\n`, rcpt: `RCPT TO:<${to.text}>\r\n` };
}

function needsSmtpUtf8(...addresses: readonly EnvelopeAddress[]): boolean {
  return addresses.some((address) => address.needsSmtpUtf8);
}

function unsendable(reason: Extract<SendOutcome, { kind: "unsendable" }>["reason"], text: string): SendOutcome {
  return { kind: "unsendable", reason, text };
}
