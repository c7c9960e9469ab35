/** Lines that the kernel dropped because the receive buffer was full: the kernel counts them per socket. */

import { readUdpTable } from "./read-udp-table.ts";

/**
 * Starts counting the drops of the sockets on a port.
 * @returns a function that answers how many were dropped since its last call; 0 where the kernel does not say
 */
export function countKernelDrops(port: number, readTable: typeof readUdpTable = readUdpTable): () => number {
  const read = (): number =>
    [...readTable("udp"), ...readTable("udp6")].reduce((sum, row) => (row.port === port ? sum + row.drops : sum), 0);
  let before = read();
  return () => {
    const now = read();
    const dropped = Math.max(0, now - before);
    before = now;
    return dropped;
  };
}
