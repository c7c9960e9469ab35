/** Who asks, as far as a request tells: address, browser, and the permanent cookie. */

import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

export type Visitor = {
  readonly address: string;
  readonly userAgent: string;
  readonly visitorId: string;
  /** Set on the answer when the visitor has no identity yet and wants one. */
  readonly newCookie: string | undefined;
};

export type VisitorRules = {
  readonly isTrustedProxy: (address: string) => boolean;
  readonly givesCookie: boolean;
  readonly cookieDomain: string;
  readonly cookieDays: number;
};

/** Reads a request's visitor; a new one gets an identity when the rules and the visitor allow it. */
export function readVisitor(request: IncomingMessage, rules: VisitorRules): Visitor {
  const cookies = readCookies(request.headers.cookie);
  const known = cookies.get("uuid230") ?? "";
  const isKnown = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(known);
  const wantsNone = cookies.get("acoptout") === "1" || !rules.givesCookie;
  const visitorId = wantsNone ? "" : isKnown ? known : randomUUID();
  return {
    address: readAddress(request, rules),
    userAgent: request.headers["user-agent"] ?? "",
    visitorId,
    newCookie: wantsNone || isKnown ? undefined : formatCookie(visitorId, rules, isSecure(request, rules)),
  };
}

/** Builds the check of the proxies whose word about the client is believed. */
export function trustProxies(addresses: readonly string[]): (address: string) => boolean {
  const trusted = new BlockList();
  for (const entry of addresses) {
    const [address = "", bits] = entry.split("/");
    const version = isIP(address);
    if (version === 0) continue;
    const family = version === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) trusted.addAddress(address, family);
    else if (Number(bits) <= (version === 6 ? 128 : 32)) trusted.addSubnet(address, Number(bits), family);
  }
  return (address) => isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** The nearest address that no trusted proxy has; what stands before it in the header may be invented. */
function readAddress(request: IncomingMessage, { isTrustedProxy }: VisitorRules): string {
  let address = plain(request.socket.remoteAddress ?? "");
  const header = request.headers["x-forwarded-for"];
  const forwarded = (Array.isArray(header) ? header.join(",") : (header ?? "")).slice(0, 1_000).split(",");
  while (isTrustedProxy(address)) {
    const before = plain(forwarded.pop()?.trim() ?? "");
    if (isIP(before) === 0) return address;
    address = before;
  }
  return address;
}

function isSecure(request: IncomingMessage, { isTrustedProxy }: VisitorRules): boolean {
  return isTrustedProxy(plain(request.socket.remoteAddress ?? "")) && request.headers["x-forwarded-proto"] === "https";
}

function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
}

function readCookies(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const part of (header ?? "").slice(0, 4_096).split(";")) {
    const mark = part.indexOf("=");
    if (mark > 0) cookies.set(part.slice(0, mark).trim(), part.slice(mark + 1).trim());
  }
  return cookies;
}

function formatCookie(visitorId: string, rules: VisitorRules, isSecureConnection: boolean): string {
  const domain = rules.cookieDomain === "" ? "" : `; Domain=${rules.cookieDomain}`;
  const secure = isSecureConnection ? "; Secure" : "";
  return `uuid230=${visitorId}; Path=/; Max-Age=${rules.cookieDays * 86_400}; HttpOnly; SameSite=Lax${domain}${secure}`;
}
