/** The two names a message carries so that what comes back finds its row: its Message-ID and its return path. */

import { type KeyObject, timingSafeEqual } from "node:crypto";

import { quickHmac } from "#protocols/keyed-hash/quick-hmac.ts";

export type MessageIdentity = { readonly deliveryId: number; readonly broadLogId: number };

/** The instance is part of the Message-ID, so that a bounce of another instance is told apart. */
export type MessageIdReading = MessageIdentity & { readonly instance: string };

/** 32 bytes: `secrets.deriveKey("return-path", instance)`; or a KeyObject made of them once: the same object each time. */
export type ReturnPathKey = Buffer | KeyObject;

/** What makes identifiers of one instance: its name and the domain of its return paths. */
export type IdentityMaker = {
  readonly instance: string;
  readonly bounceDomain: string;
  readonly returnPathKey: ReturnPathKey;
};

export type MessageNames = {
  /** With its angle brackets. */
  readonly messageId: string;
  /** The address that bounces come back to; lower case only, since the case of a mailbox may be lost on the way. */
  readonly returnPath: string;
};

/** The names of a message: the same on every attempt, since both ids are fixed when the delivery is prepared. */
export function nameMessage(maker: IdentityMaker, { deliveryId, broadLogId }: MessageIdentity): MessageNames {
  const broad = broadLogId.toString(16);
  const delivery = deliveryId.toString(16);
  const signature = sign(maker.returnPathKey, delivery, broad);
  return {
    messageId: `<${maker.instance}.${broad}.${delivery}.${signature}@${maker.bounceDomain}>`,
    returnPath: `b-${broad}-${delivery}-${signature}@${maker.bounceDomain}`,
  };
}

/** The Message-ID alone. */
export function makeMessageId(maker: IdentityMaker, identity: MessageIdentity): string {
  return nameMessage(maker, identity).messageId;
}

/** The return path alone. */
export function makeReturnPath(maker: IdentityMaker, identity: MessageIdentity): string {
  return nameMessage(maker, identity).returnPath;
}

const messageIdForm =
  /^<?([a-z][a-z0-9_]{0,39})\.([0-9a-f]{1,14})\.([0-9a-f]{1,14})\.([a-z2-7]{26})@[^@<>\s]{1,255}>?$/i;
const returnPathForm = /^<?b-([0-9a-f]{1,14})-([0-9a-f]{1,14})-([a-z2-7]{26})@[^@<>\s]{1,255}>?$/i;

/**
 * Reads a Message-ID, with or without its angle brackets.
 * @param keyOf the key "return-path" of an instance, or undefined when the instance is not ours
 * @returns undefined when it is not one of ours or its signature is wrong
 */
export function parseMessageId(
  text: string,
  keyOf: (instance: string) => ReturnPathKey | undefined,
): MessageIdReading | undefined {
  const found = messageIdForm.exec(text.trim());
  if (found === null) return undefined;
  const [, instance = "", broad = "", delivery = "", signature = ""] = found;
  const key = keyOf(instance);
  const identity = key === undefined ? undefined : verify(key, delivery, broad, signature);
  return identity === undefined ? undefined : { ...identity, instance };
}

/**
 * Reads a return path, with or without angle brackets, in any case.
 * @returns undefined when it is not one of ours or its signature is wrong
 */
export function parseReturnPath(text: string, returnPathKey: ReturnPathKey): MessageIdentity | undefined {
  const found = returnPathForm.exec(text.trim());
  if (found === null) return undefined;
  const [, broad = "", delivery = "", signature = ""] = found;
  return verify(returnPathKey, delivery, broad, signature);
}

function verify(key: ReturnPathKey, delivery: string, broad: string, signature: string): MessageIdentity | undefined {
  const expected = Buffer.from(sign(key, delivery.toLowerCase(), broad.toLowerCase()));
  const given = Buffer.from(signature.toLowerCase());
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
  return { deliveryId: Number.parseInt(delivery, 16), broadLogId: Number.parseInt(broad, 16) };
}

/** 128 bits in base32: 26 lower-case letters and digits. */
function sign(key: ReturnPathKey, deliveryHex: string, broadHex: string): string {
  return base32(quickHmac(key, `${deliveryHex}.${broadHex}`, "binary"), 16);
}

const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/**
 * The first bytes of a text of one character for each byte.
 * @source RFC 4648 section 6, lower case and without padding
 */
function base32(bytes: string, count: number): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (let index = 0; index < count; index += 1) {
    held = (held << 8) | bytes.charCodeAt(index);
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(held >>> bits) & 31] ?? "";
    }
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + (alphabet[(held << (5 - bits)) & 31] ?? "");
}
