/** Measures a mail server of others': from the first message handed to it until the sink has them all. */

import { setTimeout as sleep } from "node:timers/promises";

import { readCpuSec, sumMostMemoryMb } from "../process-tree.ts";
import type { ClientResult, Sink } from "../roles.ts";
import { feed } from "./feed.ts";
import { startHaraka } from "./haraka.ts";
import type { StartPeer } from "./peer.ts";
import { startPostfix } from "./postfix.ts";

/** The peers by name. */
export const peers: ReadonlyMap<string, StartPeer> = new Map([
  ["Postfix", startPostfix],
  ["Haraka", startHaraka],
]);

const lookEveryMs = 50;
const longestMs = 120_000;

/** Runs a peer over so many messages; undefined where it is not installed. Its CPU is that of all its processes. */
export async function measurePeerServer(
  startPeer: StartPeer,
  given: { readonly sink: Sink; readonly messages: number; readonly pem: string | undefined },
): Promise<ClientResult | undefined> {
  const peer = await startPeer({ sinkPort: given.sink.port, pem: given.pem });
  if (peer === undefined) return undefined;
  try {
    const cpuBefore = sumOf(peer.pids, readCpuSec);
    const startedMs = performance.now();
    await feed(peer.port, given.messages);
    while ((await given.sink.counts()).unique < given.messages) {
      if (performance.now() - startedMs > longestMs) throw new Error("the peer has not sent all messages");
      await sleep(lookEveryMs);
    }
    const seconds = (performance.now() - startedMs) / 1_000;
    return { seconds, cpuSec: sumOf(peer.pids, readCpuSec) - cpuBefore, memoryMb: sumOf(peer.pids, sumMostMemoryMb) };
  } finally {
    peer.stop();
  }
}

function sumOf(pids: readonly number[], read: (pid: number) => number): number {
  return pids.reduce((sum, pid) => sum + read(pid), 0);
}
