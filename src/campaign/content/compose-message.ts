/** Composes one recipient's message: constant slices are copied, values are encoded between them, the whole is signed. */

import { hashCanonicalBody, signHeaders } from "#protocols/dkim/sign-message.ts";
import { nameMessage } from "#protocols/message-identity/message-identity.ts";
import { formatMailboxHeader, formatTextHeader } from "#protocols/mime/encode-header.ts";
import { isMailAddress, needsSmtpUtf8, toWireAddress } from "#protocols/mime/mail-address.ts";
import { quotedPrintableBound, writeValue } from "#protocols/mime/quoted-printable.ts";
import { makeTrackingPath, makeUnsubscribePath } from "#protocols/tracking-link/make-tracking-path.ts";
import { openUrlId } from "#protocols/tracking-link/tracking-link.ts";

import type {
  CompiledBody,
  CompiledDelivery,
  ComposedMessage,
  MessageRecipient,
  Slot,
  TextPiece,
  ValueSource,
} from "./compiled-message.ts";
import { recipientAddressUnsafe } from "./errors.ts";
import { escapeHtml, escapeValue } from "./escape-value.ts";

/** Room for a signature of RSA-4096 with the names of all our headers. */
const signatureRoom = 2_048;

/**
 * Composes and signs the message of one recipient; only an RSA signature lets others run meanwhile.
 * The same recipient gets the same Message-ID, return path and links each time; only Date and signature differ.
 * @throws recipientAddressUnsafe
 */
export async function composeMessage(
  delivery: CompiledDelivery,
  recipient: MessageRecipient,
  now: Date,
): Promise<ComposedMessage> {
  if (!isMailAddress(recipient.address)) throw recipientAddressUnsafe({ broadLogId: recipient.broadLogId });
  const to = toWireAddress(recipient.address);
  const identity = { deliveryId: delivery.deliveryId, broadLogId: recipient.broadLogId };
  const message: MessageFacts = {
    delivery,
    recipient,
    to,
    unsubscribeUrl: delivery.identity.publicUrl + makeUnsubscribePath(delivery.identity.linkKey, identity),
    ...nameMessage(delivery.identity, identity),
  };
  const body = chooseBody(delivery, recipient.emailFormat);
  const fields = [...writeFields(message, now), ...body.headerFields];
  return {
    broadLogId: recipient.broadLogId,
    envelope: { from: message.returnPath, to },
    messageId: message.messageId,
    content: await assemble(message, fields, body, now),
    needsSmtpUtf8: needsSmtpUtf8(to),
  };
}

type MessageFacts = {
  readonly delivery: CompiledDelivery;
  readonly recipient: MessageRecipient;
  readonly to: string;
  readonly messageId: string;
  readonly returnPath: string;
  readonly unsubscribeUrl: string;
};

function chooseBody({ bodies }: CompiledDelivery, emailFormat: number): CompiledBody {
  if (emailFormat === 1) return bodies.textOnly;
  return emailFormat === 2 ? bodies.htmlOnly : bodies.alternative;
}

/** @source RFC 5322; RFC 2369 and RFC 8058 for the unsubscription */
function writeFields(message: MessageFacts, now: Date): string[] {
  const { headers } = message.delivery;
  return [
    formatMailboxHeader("From", { name: renderText(headers.fromName, message), address: headers.fromAddress }),
    `To: ${message.to}\r\n`,
    formatTextHeader("Subject", renderText(headers.subject, message)),
    `Date: ${now.toUTCString().replace("GMT", "+0000")}\r\n`,
    `Message-ID: ${message.messageId}\r\n`,
    `List-Unsubscribe: <${message.unsubscribeUrl}>,\r\n <mailto:${message.returnPath}?subject=unsubscribe>\r\n`,
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
    ...headers.constantFields,
  ];
}

/** Writes the body behind room for the headers, then the headers before it, so that nothing is copied twice. */
async function assemble(
  message: MessageFacts,
  fields: readonly string[],
  body: CompiledBody,
  now: Date,
): Promise<Buffer> {
  const { dkim } = message.delivery;
  const head = fields.join("");
  const room = Buffer.byteLength(head) + 2 + (dkim === undefined ? 0 : signatureRoom);
  const values = body.slots.map((slot) => renderSlot(slot, message));
  const target = Buffer.allocUnsafe(room + bodyBound(body, values));
  const { end, canonical } = writeBody(body, values, target, room);
  const content = target.subarray(0, end);
  if (dkim === undefined) {
    target.write(`${head}\r\n`, 0);
    return content;
  }
  const signature = await signHeaders(dkim, { fields, bodyHash: hashCanonicalBody(canonical), now });
  const signedHead = Buffer.from(`${signature}${head}\r\n`);
  if (signedHead.length > room) return Buffer.concat([signedHead, content.subarray(room)]);
  signedHead.copy(target, room - signedHead.length);
  return content.subarray(room - signedHead.length);
}

function bodyBound({ constantBytes }: CompiledBody, values: readonly string[]): number {
  let bound = constantBytes;
  for (const value of values) bound += quotedPrintableBound(value.length * 3);
  return bound;
}

function writeBody(
  { slices, isCanonical }: CompiledBody,
  values: readonly string[],
  target: Buffer,
  start: number,
): { readonly end: number; readonly canonical: readonly Buffer[] } {
  const canonical: Buffer[] = [];
  let at = start;
  for (const [index, slice] of slices.entries()) {
    at += slice.wire.copy(target, at);
    if (!isCanonical) canonical.push(slice.canonical);
    const value = values[index];
    if (value === undefined) continue;
    const end = writeValue(value, target, at);
    if (!isCanonical) canonical.push(target.subarray(at, end));
    at = end;
  }
  return { end: at, canonical: isCanonical ? [target.subarray(start, at)] : canonical };
}

function renderSlot(slot: Slot, message: MessageFacts): string {
  switch (slot.kind) {
    case "value":
      return escapeValue(readValue(slot.value, message), slot.place);
    case "link":
      return writeLink(message, slot.content, slot.urlId, slot.values);
    case "openPixel":
      return writeLink(message, "h", openUrlId, []);
    case "unsubscribe":
      return slot.content === "h" ? escapeHtml(message.unsubscribeUrl) : message.unsubscribeUrl;
  }
}

function writeLink(message: MessageFacts, content: "h" | "t", urlId: number, sources: readonly ValueSource[]): string {
  const { identity, deliveryId } = message.delivery;
  const values = sources.map((source) => escapeValue(readValue(source, message), "urlParameter"));
  const path = makeTrackingPath(identity.linkKey, {
    contentType: content,
    broadLogId: message.recipient.broadLogId,
    deliveryId,
    urlId,
    values,
  });
  const url = identity.publicUrl + path;
  return content === "h" ? escapeHtml(url) : url;
}

function readValue(source: ValueSource, { recipient, messageId }: MessageFacts): string | null {
  switch (source.object) {
    case "recipient":
      return recipient.fields[source.index] ?? null;
    case "message":
      return source.name === "id" ? String(recipient.broadLogId) : messageId;
    case "constant":
      return source.text;
  }
}

function renderText(pieces: readonly TextPiece[], message: MessageFacts): string {
  return pieces
    .map((piece) => ("text" in piece ? piece.text : escapeValue(readValue(piece.value, message), "plainText")))
    .join("");
}
