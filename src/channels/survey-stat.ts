/** Asks a statistics server for all it knows, for pages, metrics and the command; answers nothing when it is away. */

import { pause } from "#foundation/clock.ts";
import type { Secrets } from "#foundation/secrets.ts";
import type { Settings } from "#foundation/settings.ts";

import { listPaths, type StatOverview } from "./list-paths.ts";
import { permitPeer } from "./permit-peer.ts";
import { openPermits } from "./permits.ts";

export type Survey = {
  /** Address and port. */
  readonly where: string;
  /** Undefined when it does not answer in time. */
  readonly found: StatOverview | undefined;
};

let surveys = 0;

/**
 * Opens a sender's side for one question, and closes it.
 * @param options limitMs: the longest wait; mostPaths: the list is cut behind so many
 */
export async function surveyStat(
  given: { readonly settings: Settings; readonly secrets: Secrets; readonly instance: string },
  options: { readonly limitMs: number; readonly mostPaths: number },
): Promise<Survey> {
  const { address, port, key } = permitPeer(given);
  surveys += 1;
  const permits = openPermits({
    address,
    port,
    key,
    client: `survey:${process.pid}:${Date.now().toString(36)}:${surveys}`,
    elapsedMs: () => performance.now(),
  });
  const tooLate = new AbortController();
  void pause(options.limitMs, tooLate.signal).then(() => tooLate.abort());
  try {
    const found = await listPaths(permits, tooLate.signal, options.mostPaths);
    return { where: `${address}:${port}`, found };
  } finally {
    tooLate.abort();
    await permits.close(0);
  }
}

/** Messages that wait in senders, by reason. */
export function countWaiting({ paths }: StatOverview): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { waiting } of paths)
    for (const { reason, messages } of waiting) counts.set(reason, (counts.get(reason) ?? 0) + messages);
  return counts;
}
