/** Reads the whole list of a statistics server, one datagram after the other. */

import type { Overview, ShownPath } from "./permit-messages.ts";
import type { Permits } from "./permits.ts";

export type StatOverview = {
  readonly overview: Overview;
  readonly paths: readonly ShownPath[];
  /** False when there are more than were asked for. */
  readonly isWhole: boolean;
};

/**
 * Asks until the list is at its end.
 * @returns undefined when the server does not answer before the signal is aborted
 */
export async function listPaths(
  permits: Permits,
  signal: AbortSignal,
  mostPaths = 10_000,
): Promise<StatOverview | undefined> {
  const paths: ShownPath[] = [];
  for (;;) {
    const shown = await permits.show(paths.at(-1)?.key ?? "", signal);
    if (shown === undefined) return undefined;
    paths.push(...shown.paths);
    const isWhole = shown.isLast || shown.paths.length === 0;
    if (isWhole || paths.length >= mostPaths) return { overview: shown.overview, paths, isWhole };
  }
}
