/** Asks the statistics server something once, for pages, metrics and the command. */

import { randomUUID } from "node:crypto";

import { pause } from "#foundation/clock.ts";

import type { PermitPeer } from "./permit-peer.ts";
import { openPermits, type Permits } from "./permits.ts";

/**
 * Opens a sender's side for one question, and closes it.
 * @param limitMs after it the signal is aborted, and whoever asks answers undefined
 */
export async function askOnce<T>(
  peer: PermitPeer,
  limitMs: number,
  ask: (permits: Permits, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  // A name of its own each time: its first question is answered whatever was asked before.
  const permits = openPermits({ ...peer, client: `once:${randomUUID()}`, elapsedMs: () => performance.now() });
  const tooLate = new AbortController();
  void pause(limitMs, tooLate.signal).then(() => tooLate.abort());
  try {
    return await ask(permits, tooLate.signal);
  } finally {
    tooLate.abort();
    await permits.close(0);
  }
}
