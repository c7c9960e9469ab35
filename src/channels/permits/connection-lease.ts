/** How long a sender keeps its connections without word of a server that grants: another one may grant them to others by then. */

import { connectionLeaseMs } from "./permit-messages.ts";

export type ConnectionLease = {
  /** @param wordMs a moment at which the server could still be sure that no other one grants */
  renew(wordMs: number): void;
  /** Looks at the clock; true while it is over. */
  look(): boolean;
  /** What the last look showed. */
  readonly isOver: boolean;
  /** Aborted when it is over. */
  readonly signal: AbortSignal;
};

/** Opens one that begins with the first word. */
export function openConnectionLease(elapsedMs: () => number): ConnectionLease {
  let renewedMs: number | undefined;
  let ending = new AbortController();
  const look = (): boolean => {
    const isOver = renewedMs !== undefined && elapsedMs() - renewedMs >= connectionLeaseMs;
    if (isOver) ending.abort();
    else if (ending.signal.aborted) ending = new AbortController();
    return isOver;
  };
  return {
    renew: (wordMs) => {
      renewedMs = Math.max(renewedMs ?? wordMs, wordMs);
      look();
    },
    look,
    get isOver() {
      return ending.signal.aborted;
    },
    get signal() {
      return ending.signal;
    },
  };
}
