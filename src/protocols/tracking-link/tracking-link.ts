/**
 * A signed link of a message: who was sent what, and where the link leads.
 * `/r/?id=<c><broadLogHex>,<deliveryHex>,<urlHex>&p1=...&s=<signature>`, `/r/unsubscribe?id=...&s=...`.
 */

import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";

/** 32 bytes: `secrets.deriveKey("links", instance)`, or a KeyObject made of them once, which signs faster. */
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
  return digest(key, id, values).toString("base64url");
}

/** Compares a signature in constant time. */
export function isLinkSignedBy(key: LinkKey, id: string, values: readonly string[], signature: Buffer): boolean {
  return signature.length === signatureBytes && timingSafeEqual(digest(key, id, values), signature);
}

const signatureBytes = 16;

function digest(key: LinkKey, id: string, values: readonly string[]): Buffer {
  const payload = [id, ...values].join("|");
  return createHmac("sha256", key).update(payload).digest().subarray(0, signatureBytes);
}
