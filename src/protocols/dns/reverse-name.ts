/** The name under which the DNS keeps who an address is. */

import { isIPv6 } from "node:net";

/**
 * `10.2.0.192.in-addr.arpa` of 192.0.2.10.
 * @source RFC 1035 section 3.5, RFC 3596 section 2.5
 */
export function reverseName(address: string): string {
  if (!isIPv6(address)) return `${address.split(".").toReversed().join(".")}.in-addr.arpa`;
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = "", tail = ""] = plain.split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const [front, back] = [groups(head), groups(tail)];
  const all = [...front, ...Array<string>(8 - front.length - back.length).fill("0"), ...back];
  const digits = all.map((group) => group.padStart(4, "0")).join("");
  return `${digits.split("").toReversed().join(".")}.ip6.arpa`;
}
