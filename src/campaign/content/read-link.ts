/** Decides what becomes of an address in the content: tracked, left as it is, or refused. */

import { marker } from "./flatten-template.ts";

export type LinkReading =
  | { readonly kind: "tracked" /** Its n-th value stands as `$(pn)`. */; readonly url: string }
  | { readonly kind: "kept" }
  | { readonly kind: "refused"; readonly problem: string };

/** Longer addresses are cut by mail programs and refused by browsers' peers. */
const longestUrl = 2_000;
const mostValues = 20;

/**
 * Reads an address; markers stand for values.
 * @param address decoded: `&` is an ampersand, not an entity
 * @source WHATWG URL: blanks around an address and line breaks within it do not count, so `java\nscript:` is a script
 */
export function readLink(address: string): LinkReading {
  const url = address.replace(/[\t\r\n]/g, "").replace(/^[\p{Cc} ]+|[\p{Cc} ]+$/gu, "");
  if (url === "" || url.startsWith("#") || /^(mailto|tel|sms):/i.test(url)) return { kind: "kept" };
  if (!/^https?:\/\//i.test(url)) return { kind: "refused", problem: describeScheme(url) };
  const origin = new RegExp(`^https?://[^/?#\\\\\\s$@${marker}]+(?=[/?#]|$)`, "i").exec(url)?.[0];
  if (origin === undefined) return { kind: "refused", problem: describeHost(url) };
  if (url.length > longestUrl)
    return { kind: "refused", problem: `The link has ${url.length} characters; ${longestUrl} are allowed.` };
  let count = 0;
  const path = url.slice(origin.length).replaceAll("$(", "%24(");
  const stored = origin + path.replaceAll(marker, () => `$(p${(count += 1)})`);
  if (count > mostValues)
    return { kind: "refused", problem: `The link holds ${count} values; ${mostValues} are allowed.` };
  return { kind: "tracked", url: stored };
}

function describeScheme(url: string): string {
  if (url.startsWith(marker))
    return "A link may not begin with a value: whoever writes the field would choose where it leads. Only parameters may be personalised.";
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme !== undefined)
    return `Links that begin with ${scheme}: are not allowed; use https, http, mailto, tel or sms.`;
  return `The link ${shown(url)} is not complete: in a mail it must begin with https:// or http://.`;
}

function describeHost(url: string): string {
  const host = /^https?:\/\/([^/?#\\]*)/i.exec(url)?.[1] ?? "";
  if (host.includes(marker))
    return "The host of a link may not be personalised: whoever writes the field would choose where it leads. Only parameters may.";
  if (host.includes("@")) return "A link may not hold a login before its host.";
  return `The link ${shown(url)} has no valid host.`;
}

function shown(url: string): string {
  const text = url.replaceAll(marker, "…");
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
