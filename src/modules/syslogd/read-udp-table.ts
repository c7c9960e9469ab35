/** What the kernel knows of this host's UDP sockets. */

import { readFileSync } from "node:fs";

export type UdpSocketRow = {
  readonly port: number;
  /** Datagrams that the kernel dropped since the socket was opened, mostly because its buffer was full. */
  readonly drops: number;
};

/**
 * Reads /proc/net/udp or udp6.
 * @returns no rows where there is no such table
 */
export function readUdpTable(table: "udp" | "udp6"): UdpSocketRow[] {
  let text: string;
  try {
    text = readFileSync(`/proc/net/${table}`, "latin1");
  } catch {
    return [];
  }
  return text
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns.length >= 13)
    .map((columns) => ({ port: Number.parseInt(columns[1]?.split(":")[1] ?? "", 16), drops: Number(columns[12]) }));
}
