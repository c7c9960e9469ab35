/** Asks a statistics server for all it knows, for pages, metrics and the command; answers nothing when it is away. */

import type { Secrets } from "#foundation/secrets.ts";
import type { Settings } from "#foundation/settings.ts";

import { askOnce } from "./ask-once.ts";
import { listPaths, type StatOverview } from "./list-paths.ts";
import { permitPeer } from "./permit-peer.ts";

export type Survey = {
  /** Address and port. */
  readonly where: string;
  /** Undefined when it does not answer in time. */
  readonly found: StatOverview | undefined;
};

/**
 * Asks for the whole list.
 * @param options limitMs: the longest wait; mostPaths: the list is cut behind so many
 */
export async function surveyStat(
  given: { readonly settings: Settings; readonly secrets: Secrets; readonly instance: string },
  options: { readonly limitMs: number; readonly mostPaths: number },
): Promise<Survey> {
  const peer = permitPeer(given);
  const { limitMs, mostPaths } = options;
  const found = await askOnce(peer, limitMs, (permits, signal) => listPaths(permits, signal, mostPaths));
  return { where: `${peer.address}:${peer.port}`, found };
}

/** Messages that wait in senders, by reason. */
export function countWaiting({ paths }: StatOverview): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { waiting } of paths)
    for (const { reason, messages } of waiting) counts.set(reason, (counts.get(reason) ?? 0) + messages);
  return counts;
}
