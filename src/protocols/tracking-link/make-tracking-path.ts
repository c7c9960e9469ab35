/** Writes the links of a message that lead to the redirection server. */

import { formatLinkId, type LinkKey, signLink, type TrackingLink, unsubscribeUrlId } from "./tracking-link.ts";

/**
 * The path of a click link, or of the open pixel (`urlId` 1), to be put behind the instance's public address.
 * @returns a path with query, such as `/r/?id=h3e9,7d1,3ea&p1=Doe&s=...`; in HTML its `&` is still to be escaped
 */
export function makeTrackingPath(key: LinkKey, link: TrackingLink): string {
  const id = formatLinkId(link);
  const values = link.values.map((value, index) => `&p${index + 1}=${encodeURIComponent(value.toWellFormed())}`);
  return `/r/?id=${id}${values.join("")}&s=${signLink(key, id, link.values)}`;
}

/**
 * The path of the one-click unsubscription: a GET shows a page, a POST unsubscribes.
 * @source RFC 8058
 */
export function makeUnsubscribePath(
  key: LinkKey,
  message: { readonly broadLogId: number; readonly deliveryId: number },
): string {
  const id = formatLinkId({ ...message, contentType: "h", urlId: unsubscribeUrlId });
  return `/r/unsubscribe?id=${id}&s=${signLink(key, id, [])}`;
}
