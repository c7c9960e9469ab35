/** Remembers which addresses failed, and how long they are left alone. */

export type PathHealth = {
  /** Milliseconds until an address may be connected to again; 0 = now. */
  waitMs(address: string): number;
  /** A connection failed, or the server sent us away at once. */
  fail(address: string): void;
  succeed(address: string): void;
  /** False for a server that announces PIPELINING and breaks at it. */
  mayPipeline(address: string): boolean;
  distrustPipelining(address: string): void;
};

const longestPauseMs = 120_000;
const mostRemembered = 20_000;

type State = { failures: number; untilMs: number };

/**
 * Opens an empty memory.
 * @param initialDelayMs pause after the first failure; doubles at each further one, up to two minutes
 */
export function openPathHealth(initialDelayMs: number, elapsedMs: () => number): PathHealth {
  const failing = new Map<string, State>();
  const unpipelined = new Set<string>();
  return {
    waitMs: (address) => Math.max(0, (failing.get(address)?.untilMs ?? 0) - elapsedMs()),
    fail: (address) => {
      const failures = (failing.get(address)?.failures ?? 0) + 1;
      failing.delete(address);
      failing.set(address, {
        failures,
        untilMs: elapsedMs() + Math.min(longestPauseMs, initialDelayMs * 2 ** (failures - 1)),
      });
      forgetOldest(failing);
    },
    succeed: (address) => void failing.delete(address),
    mayPipeline: (address) => !unpipelined.has(address),
    distrustPipelining: (address) => {
      unpipelined.add(address);
      forgetOldest(unpipelined);
    },
  };
}

function forgetOldest(entries: Map<string, State> | Set<string>): void {
  if (entries.size <= mostRemembered) return;
  for (const oldest of entries.keys()) {
    entries.delete(oldest);
    return;
  }
}
