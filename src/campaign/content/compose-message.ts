/** Composes one recipient's message: constant slices are copied, values are encoded between them, the whole is signed. */

import { nameMessage } from "#protocols/message-identity/message-identity.ts";
import { isMailAddress, needsSmtpUtf8, toWireAddress } from "#protocols/mime/mail-address.ts";
import { makeUnsubscribePath } from "#protocols/tracking-link/make-tracking-path.ts";

import { type Assembled, assembleMessage } from "./assemble-message.ts";
import type { CompiledDelivery, ComposedMessage, MessageRecipient } from "./compiled-message.ts";
import { recipientAddressUnsafe } from "./errors.ts";
import { type MessageBuffers, openMessageBuffers } from "./message-buffers.ts";
import type { MessageFacts } from "./render-slot.ts";
import { writeFields } from "./write-fields.ts";

/**
 * Composes and signs the message of one recipient; only an RSA signature lets others run meanwhile.
 * The same recipient gets the same Message-ID, return path and links each time; only Date and signature differ.
 * @param buffers where the memory of messages comes from; each message is given back by its `release`
 * @throws recipientAddressUnsafe
 */
export async function composeMessage(
  delivery: CompiledDelivery,
  recipient: MessageRecipient,
  now: Date,
  buffers: MessageBuffers = freshMemory,
): Promise<ComposedMessage> {
  return composeEagerly(delivery, recipient, now, buffers);
}

/**
 * The same, at once where no signature has to be waited for.
 * @throws recipientAddressUnsafe at once
 */
export function composeEagerly(
  delivery: CompiledDelivery,
  recipient: MessageRecipient,
  now: Date,
  buffers: MessageBuffers,
): ComposedMessage | Promise<ComposedMessage> {
  if (!isMailAddress(recipient.address)) throw recipientAddressUnsafe({ broadLogId: recipient.broadLogId });
  const to = toWireAddress(recipient.address);
  const identity = { deliveryId: delivery.deliveryId, broadLogId: recipient.broadLogId };
  const { messageId, returnPath } = nameMessage(delivery.identity, identity);
  const message: MessageFacts = {
    delivery,
    recipient,
    to,
    unsubscribeUrl: delivery.identity.publicUrl + makeUnsubscribePath(delivery.identity.linkKey, identity),
    unsubscribeAddress: returnPath,
    messageId,
    returnPath: delivery.errorAddress === "" ? returnPath : delivery.errorAddress,
  };
  const body = delivery.chooseBody(recipient);
  const fields = writeFields(message, now);
  const finish = ({ content, memory, margins }: Assembled): ComposedMessage => ({
    broadLogId: recipient.broadLogId,
    envelope: { from: message.returnPath, to },
    messageId: message.messageId,
    content,
    margins,
    needsSmtpUtf8: delivery.headers.needsSmtpUtf8 || needsSmtpUtf8(to),
    release: (mayBeReused) => {
      if (mayBeReused) buffers.giveBack(memory);
      else buffers.abandon(memory);
    },
  });
  const assembled = assembleMessage(message, fields, body, { now, buffers });
  return assembled instanceof Promise ? assembled.then(finish) : finish(assembled);
}

/** Keeps nothing: for a caller that composes few. */
const freshMemory = openMessageBuffers(0);
