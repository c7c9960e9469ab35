/** Says who speaks: the client's own address, and whether it came by TLS. Proxy headers count only from proxies that are set. */

import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

import { isInNetworks } from "#foundation/networks.ts";

export type Client = {
  readonly address: string;
  readonly isSecure: boolean;
  /** Host name and port as the client wrote them, in lower case. */
  readonly host: string;
};

/**
 * Reads who sent a request.
 * @param trustedProxies networks of proxies that are believed
 */
export function readClient(request: IncomingMessage, trustedProxies: readonly string[]): Client {
  const peer = plainAddress(request.socket.remoteAddress ?? "");
  const isProxied = isInNetworks(peer, trustedProxies);
  const said = (name: string): string | undefined => (isProxied ? lastOf(request.headers[name]) : undefined);
  return {
    address: isProxied ? walkBack(peer, request.headers["x-forwarded-for"], trustedProxies) : peer,
    isSecure: "encrypted" in request.socket || said("x-forwarded-proto") === "https",
    host: (said("x-forwarded-host") ?? request.headers.host ?? "").toLowerCase(),
  };
}

/** The nearest address that is no trusted proxy: what stands before it in the list, anyone may have written. */
function walkBack(peer: string, header: string | string[] | undefined, trustedProxies: readonly string[]): string {
  const hops = [header ?? []]
    .flat()
    .join(",")
    .split(",")
    .map((hop) => plainAddress(hop.trim()));
  let address = peer;
  while (isInNetworks(address, trustedProxies)) {
    const before = hops.pop();
    if (before === undefined || isIP(before) === 0) break;
    address = before;
  }
  return address;
}

function lastOf(header: string | string[] | undefined): string | undefined {
  return [header ?? []].flat().join(",").split(",").at(-1)?.trim() || undefined;
}

function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}
