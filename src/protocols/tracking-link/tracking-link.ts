/**
 * A signed link of a message: who was sent what, and where the link leads.
 * `/r/?id=<c><broadLogHex>,<deliveryHex>,<urlHex>&p1=...&s=<signature>`, `/r/unsubscribe?id=...&s=...`.
 */

import { type KeyObject, timingSafeEqual } from "node:crypto";

import { quickHmac } from "#protocols/keyed-hash/quick-hmac.ts";

/** 32 bytes: `secrets.deriveKey("links", instance)`, or a KeyObject made of them once: the same object each time. */
export type LinkKey = Buffer | KeyObject;

/** `h`: the link stands in the HTML part, `t`: in the text part. */
export type ContentType = "h" | "t";

export type TrackingLink = {
  readonly contentType: ContentType;
  readonly broadLogId: number;
  readonly deliveryId: number;
  readonly urlId: number;
  /** What personalises the address: `$(p1)` of the stored URL stands for the first, and so on. */
  readonly values: readonly string[];
};

/** Ids of links that every delivery has; a delivery's own links have higher ones. */
export const openUrlId = 1;
export const unsubscribeUrlId = 2;

/** The link's identity, as it stands behind `id=`. */
export function formatLinkId(link: Omit<TrackingLink, "values">): string {
  return `${link.contentType}${link.broadLogId.toString(16)},${link.deliveryId.toString(16)},${link.urlId.toString(16)}`;
}

/**
 * The signature of a link.
 * @returns 128 bits in base64url, 22 characters
 */
export function signLink(key: LinkKey, id: string, values: readonly string[]): string {
  const whole = quickHmac(key, values.length === 0 ? id : [id, ...values].join("|"), "base64url");
  return whole.slice(0, 21) + endOf128Bits(whole.charCodeAt(21));
}

/** Compares a signature in constant time. */
export function isLinkSignedBy(key: LinkKey, id: string, values: readonly string[], signature: Buffer): boolean {
  return (
    signature.length === signatureBytes &&
    timingSafeEqual(Buffer.from(signLink(key, id, values), "base64url"), signature)
  );
}

const signatureBytes = 16;

/** The 22nd character of base64url carries two bits of the sixteenth byte, and four of the next, which are cleared: one of A, Q, g, w. */
function endOf128Bits(code: number): string {
  return "AQgw"[base64Values.indexOf(String.fromCharCode(code)) >> 4] ?? "";
}

const base64Values = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
