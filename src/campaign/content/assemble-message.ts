/** Puts headers and body of a message into one buffer, and signs it. */

import { hashCanonicalBody, signMessage } from "#protocols/dkim/sign-message.ts";
import { type Leftover, nothingLeft, writeBase64Slice, writeBase64Value } from "#protocols/mime/base64-lines.ts";
import { quotedPrintableBound, writeValue } from "#protocols/mime/quoted-printable.ts";

import type { CompiledBody } from "./compiled-message.ts";
import type { MessageBuffers } from "./message-buffers.ts";
import { type MessageFacts, renderSlot } from "./render-slot.ts";
import type { WrittenPart } from "./script/write-scripted.ts";

/** Where a message lies: its content, and the memory around it. */
export type Assembled = {
  readonly content: Buffer;
  readonly memory: Buffer;
  /** Bytes of the memory around the content. */
  readonly margins: { readonly before: number; readonly behind: number };
};

/** Room for a signature of RSA-4096 with the names of all our headers. */
const signatureRoom = 2_048;
/** Room on both sides of the content for the commands of SMTP: the dot, and an envelope with two addresses of 254 bytes. */
const margin = 1_024;

/**
 * Writes the body behind room for the headers, then the headers before it, so that nothing is copied twice. Only signatures are waited for.
 * @param buffers where the memory comes from; it is the caller's to give back
 */
export function assembleMessage(
  message: MessageFacts,
  fields: readonly string[],
  body: CompiledBody,
  { now, buffers }: { readonly now: Date; readonly buffers: MessageBuffers },
): Assembled | Promise<Assembled> {
  const keys = message.delivery.signingKeys(now);
  const constants = [message.delivery.headers.constants, body.head];
  const head = `${message.delivery.headers.constants.wire}${fields.join("")}${body.head.wire}\r\n`;
  const room = margin + Buffer.byteLength(head) + keys.length * signatureRoom;
  const values = body.slots.map((slot) => renderSlot(slot, message));
  const memory = buffers.take(room + bodyBound(body, values) + margin);
  const { end, canonical } = writeBody(body, values, memory, room);
  if (keys.length === 0) return putBefore(head, { memory, room, end });
  const sign = async (): Promise<Assembled> => {
    try {
      const bodyHash = hashCanonicalBody(canonical);
      const signature = await signMessage(keys, { fields, constants, bodyHash, now });
      return putBefore(`${signature}${head}`, { memory, room, end });
    } catch (error) {
      buffers.abandon(memory);
      throw error;
    }
  };
  return sign();
}

/** Writes the headers so that they end where the body begins. */
function putBefore(
  head: string,
  { memory, room, end }: { readonly memory: Buffer; readonly room: number; readonly end: number },
): Assembled {
  const start = room - Buffer.byteLength(head);
  // Keys without end: rare enough to be copied.
  if (start < 0) {
    const content = Buffer.concat([Buffer.from(head), memory.subarray(room, end)]);
    return { content, memory, margins: { before: 0, behind: 0 } };
  }
  memory.write(head, start);
  return { content: memory.subarray(start, end), memory, margins: { before: start, behind: memory.length - end } };
}

function bodyBound({ constantBytes }: CompiledBody, values: readonly (string | WrittenPart)[]): number {
  let bound = constantBytes;
  for (const value of values)
    bound += typeof value === "string" ? quotedPrintableBound(value.length * 3) : value.wire.length;
  return bound;
}

function writeBody(
  { slices, tail, isCanonical }: CompiledBody,
  values: readonly (string | WrittenPart)[],
  target: Buffer,
  start: number,
): { readonly end: number; readonly canonical: readonly Buffer[] } {
  const canonical: Buffer[] = [];
  let at = start;
  let leftover: Leftover | undefined;
  for (let index = 0; index < slices.length; index += 1) {
    const slice = slices[index];
    if (slice === undefined) continue;
    const from = at;
    if (slice.base64 !== undefined) {
      const progress = writeBase64Slice(slice.base64, leftover ?? nothingLeft, target, at);
      at = progress.at;
      leftover = slice.base64.isLast ? undefined : progress.leftover;
      if (!isCanonical) canonical.push(target.subarray(from, at));
    }
    target.set(slice.wire, at);
    at += slice.wire.length;
    if (!isCanonical) canonical.push(slice.canonical);
    leftover = slice.leftover ?? leftover;
    const value = values[index];
    if (value === undefined) continue;
    if (typeof value !== "string") {
      target.set(value.wire, at);
      at += value.wire.length;
      if (!isCanonical) canonical.push(value.canonical ?? value.wire);
      continue;
    }
    const begin = at;
    if (leftover === undefined) at = writeValue(value, target, at);
    else ({ at, leftover } = writeBase64Value(value, leftover, target, at));
    if (!isCanonical) canonical.push(target.subarray(begin, at));
  }
  for (const bytes of tail) {
    target.set(bytes, at);
    at += bytes.length;
    if (!isCanonical) canonical.push(bytes);
  }
  return { end: at, canonical: isCanonical ? [target.subarray(start, at)] : canonical };
}
