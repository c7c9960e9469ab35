/** Addresses that no mail exchanger of the internet has: a record that names one would make us probe our own network. */

import { BlockList, isIPv6 } from "node:net";

const blocked = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  blocked.addSubnet(network, prefix, "ipv4");
}
for (const [network, prefix] of [
  ["::", 128],
  ["::1", 128],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const) {
  blocked.addSubnet(network, prefix, "ipv6");
}

/**
 * True for loopback, private, link-local, multicast and reserved addresses, also when written as IPv6.
 * @source RFC 6890
 */
export function isPrivateAddress(address: string): boolean {
  // IPv4 inside IPv6 (mapped and NAT64) is judged as what it leads to.
  const inner = /^(?:::ffff:|64:ff9b::)(?:(\d+\.\d+\.\d+\.\d+)|([0-9a-f]{1,4}):([0-9a-f]{1,4}))$/i.exec(address);
  if (inner !== null) return blocked.check(inner[1] ?? fromHex(inner[2] ?? "0", inner[3] ?? "0"), "ipv4");
  return blocked.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

function fromHex(high: string, low: string): string {
  const bits = Number.parseInt(high, 16) * 65_536 + Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => Math.floor(bits / 2 ** shift) % 256).join(".");
}
