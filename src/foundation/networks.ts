/** Says whether an address lies in one of the networks that a setting lists. */

import { BlockList, isIP } from "node:net";

/**
 * True when the address lies in one of the networks; a network that cannot be read holds no address.
 * @param networks `10.0.0.0/8`, `::1/128`, or single addresses
 */
export function isInNetworks(address: string, networks: readonly string[]): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  const kind = isIP(plain);
  return kind !== 0 && listOf(networks).check(plain, kind === 6 ? "ipv6" : "ipv4");
}

/** Every request asks about the same few settings. */
const lists = new WeakMap<readonly string[], BlockList>();

function listOf(networks: readonly string[]): BlockList {
  const known = lists.get(networks);
  if (known !== undefined) return known;
  const list = new BlockList();
  lists.set(networks, list);
  for (const network of networks) {
    const [base = "", bits] = network.split("/");
    const kind = isIP(base);
    const longest = kind === 6 ? 128 : 32;
    const prefix = bits === undefined ? longest : Number(bits);
    if (kind !== 0 && Number.isInteger(prefix) && prefix >= 0 && prefix <= longest)
      list.addSubnet(base, prefix, kind === 6 ? "ipv6" : "ipv4");
  }
  return list;
}
