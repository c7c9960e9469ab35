/** Sees when a child has grown too large: it then works no more, and another one takes its place. */

import type { Log } from "#foundation/log.ts";

export type Memory = {
  /** True from the first time that the process held more than it may: it hardly ever gives back what it has taken. */
  readonly isOver: boolean;
};

const lookEveryMs = 1_000;
const megabyte = 1_048_576;

/**
 * Looks when it is asked, once a second at most.
 * @param residentBytes what the process holds now
 */
export function watchMemory(options: {
  limitMb: number;
  log: Log;
  elapsedMs: () => number;
  residentBytes?: () => number;
}): Memory {
  const residentBytes = options.residentBytes ?? process.memoryUsage.rss;
  let isOver = false;
  let lookAtMs = -Infinity;
  return {
    get isOver() {
      if (isOver || options.elapsedMs() < lookAtMs) return isOver;
      lookAtMs = options.elapsedMs() + lookEveryMs;
      const residentMb = Math.round(residentBytes() / megabyte);
      isOver = residentMb > options.limitMb;
      if (isOver) options.log.warning("mta.child_too_large", { residentMb, limitMb: options.limitMb });
      return isOver;
    },
  };
}
