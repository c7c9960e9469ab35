/** Reads the address of a click, an open or an unsubscription, and believes it only when one of our keys signed it. */

import {
  type ContentType,
  isLinkSignedBy,
  type LinkKey,
  type TrackingLink,
  unsubscribeUrlId,
} from "./tracking-link.ts";

export type TrackingRequest = TrackingLink & {
  /** The instance whose key signed the link. */
  readonly instance: string;
};

const longestRequest = 8_192;
const mostValues = 50;

/**
 * Parses and verifies a request's path with query.
 * @param keys the link key of each instance served here
 * @param url as it stands in the request line, such as `/r/?id=...&s=...`; parameters that mail scanners add are passed over
 * @returns undefined for whatever none of the keys signed, or signed for the other path
 */
export function parseTrackingRequest(keys: ReadonlyMap<string, LinkKey>, url: string): TrackingRequest | undefined {
  if (url.length > longestRequest) return undefined;
  const mark = url.indexOf("?");
  if (mark < 0) return undefined;
  const path = url.slice(0, mark);
  if (path !== "/r/" && path !== "/r/unsubscribe") return undefined;
  const query = new URLSearchParams(url.slice(mark + 1));
  const id = only(query, "id");
  const signature = readSignature(only(query, "s"));
  if (id === undefined || signature === undefined) return undefined;
  const link = parseLinkId(id);
  const values = readValues(query);
  if (link === undefined || values === undefined) return undefined;
  if ((link.urlId === unsubscribeUrlId) !== (path === "/r/unsubscribe")) return undefined;
  const instance = findSigner(keys, id, values, signature);
  return instance === undefined ? undefined : { ...link, values, instance };
}

/** All keys are tried, so that the time taken says nothing about which one fits. */
function findSigner(
  keys: ReadonlyMap<string, LinkKey>,
  id: string,
  values: readonly string[],
  signature: Buffer,
): string | undefined {
  let signer: string | undefined;
  for (const [instance, key] of keys) {
    if (isLinkSignedBy(key, id, values, signature)) signer = instance;
  }
  return signer;
}

function only(query: URLSearchParams, name: string): string | undefined {
  const found = query.getAll(name);
  return found.length === 1 ? found[0] : undefined;
}

function readSignature(text: string | undefined): Buffer | undefined {
  return text !== undefined && /^[A-Za-z0-9_-]{22}$/.test(text) ? Buffer.from(text, "base64url") : undefined;
}

/** 13 hexadecimal digits hold every whole number that a JavaScript number counts exactly. */
function parseLinkId(id: string): Omit<TrackingLink, "values"> | undefined {
  const found = /^([ht])([0-9a-f]{1,13}),([0-9a-f]{1,13}),([0-9a-f]{1,13})$/.exec(id);
  if (found === null) return undefined;
  const [, contentType, broadLog, delivery, url] = found;
  return {
    contentType: contentType as ContentType,
    broadLogId: Number.parseInt(broadLog ?? "", 16),
    deliveryId: Number.parseInt(delivery ?? "", 16),
    urlId: Number.parseInt(url ?? "", 16),
  };
}

function readValues(query: URLSearchParams): string[] | undefined {
  const values: string[] = [];
  for (;;) {
    const name = `p${values.length + 1}`;
    if (!query.has(name)) return values;
    const value = only(query, name);
    if (value === undefined || values.length === mostValues) return undefined;
    values.push(value);
  }
}
