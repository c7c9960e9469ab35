/** How what senders and the statistics server say stands in a datagram: signed JSON. */

import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";

import { parseQuestion } from "./parse-question.ts";
import { longestDatagramBytes, type Request, type Response } from "./permit-messages.ts";

const magic = Buffer.from("PST2");
const signatureBytes = 16;
const headBytes = magic.length + signatureBytes;

/** Signs a message. */
export function writeDatagram(key: KeyObject, message: Request | Response): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  return Buffer.concat([magic, sign(key, body), body]);
}

/**
 * The request of a datagram that carries the signature of one of the keys, and that key.
 * @returns undefined for every other datagram, and for one that is not what its type says
 */
export function readRequest(
  keys: readonly KeyObject[],
  datagram: Buffer,
): { readonly request: Request; readonly key: KeyObject } | undefined {
  for (const key of keys) {
    const message = open(key, datagram);
    if (message === undefined) continue;
    const { client, sequence, epoch, question: raw } = message;
    const question = parseQuestion(raw);
    const isWhole = typeof client === "string" && client.length > 0 && client.length <= 300 && isCount(sequence);
    return isWhole && isCount(epoch) && question !== undefined
      ? { request: { client, sequence, epoch, question }, key }
      : undefined;
  }
  return undefined;
}

/** What the server answered; undefined for every datagram that is not signed by the key. */
export function readResponse(key: KeyObject, datagram: Buffer): Response | undefined {
  const message = open(key, datagram);
  // Whoever holds the key and plays the server is the server.
  return message !== undefined && "answer" in message ? (message as Response) : undefined;
}

function open(key: KeyObject, datagram: Buffer): Record<string, unknown> | undefined {
  const isOurs =
    datagram.length > headBytes &&
    datagram.length <= longestDatagramBytes &&
    datagram.subarray(0, magic.length).equals(magic);
  if (!isOurs) return undefined;
  const body = datagram.subarray(headBytes);
  if (!timingSafeEqual(datagram.subarray(magic.length, headBytes), sign(key, body))) return undefined;
  try {
    const message: unknown = JSON.parse(body.toString("utf8"));
    return typeof message === "object" && message !== null ? (message as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function sign(key: KeyObject, body: Buffer): Buffer {
  return createHmac("sha256", key).update(body).digest().subarray(0, signatureBytes);
}
