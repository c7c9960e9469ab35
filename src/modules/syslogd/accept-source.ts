/** Whose datagrams are written: this host's own, and those of the sources that the settings list. */

import { BlockList, isIP } from "node:net";
import { networkInterfaces } from "node:os";

export type SourceCheck = (address: string) => "local" | "listed" | "refused";

/**
 * Builds the check of a sender's address.
 * @param allowedSources addresses and networks, such as `10.0.0.0/8`
 */
export function checkSources(
  allowedSources: readonly string[],
  ownAddresses: readonly string[] = listOwnAddresses(),
): SourceCheck {
  const own = listOf(["127.0.0.0/8", "::1", ...ownAddresses]);
  const listed = listOf(allowedSources);
  return (address) => {
    const plain = plainAddress(address);
    if (contains(own, plain)) return "local";
    return contains(listed, plain) ? "listed" : "refused";
  };
}

/** An IPv4 sender at an IPv6 socket, and a link-local one with its interface, under their plain names. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
}

function listOf(sources: readonly string[]): BlockList {
  const found = new BlockList();
  for (const source of sources) {
    const [address = "", bits] = source.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) found.addAddress(address, family);
    else found.addSubnet(address, Number(bits), family);
  }
  return found;
}

function contains(sources: BlockList, address: string): boolean {
  const version = isIP(address);
  return version !== 0 && sources.check(address, version === 6 ? "ipv6" : "ipv4");
}

function listOwnAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map(({ address }) => plainAddress(address)),
  );
}
