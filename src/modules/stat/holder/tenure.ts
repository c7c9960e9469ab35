/**
 * Until when this stat may grant. Whoever takes over waits longer, from the moment at which it has the lock, than what the one before
 * proved can last: both are durations, so that no clock of another host matters.
 */

import { uptime } from "node:os";

import type { Log } from "#foundation/log.ts";

export type Tenure = {
  /** Names the run that grants in the database: what another run has written since is not overwritten. */
  readonly id: string;
  /** True when senders may still heed the run before, and hold what it granted: it may live, or have ended on another host. */
  readonly isFormerHeeded: boolean;
  /** True while nobody else can grant. */
  readonly isProved: () => boolean;
  /** Milliseconds since which nothing may be granted; 0 while it may. */
  readonly pausedForMs: () => number;
};

export type Proof = Pick<Tenure, "isProved" | "pausedForMs"> & {
  /** @param asked when the question was sent that the database has answered on the connection of the lock */
  renew(asked: Moment): void;
  now(): Moment;
};

/** The same moment on two clocks that never go back: the usual one stands still while the machine sleeps. */
type Moment = { readonly awakeMs: number; readonly bootMs: number };

/** Opens one that does not hold yet. */
export function openProof(
  holdsMs: number,
  elapsedMs: () => number,
  bootMs: () => number = () => uptime() * 1_000,
): Proof {
  const openedMs = elapsedMs();
  let proved: Moment | undefined;
  const ageMs = (of: Moment): number => Math.max(elapsedMs() - of.awakeMs, bootMs() - of.bootMs);
  const isProved = (): boolean => proved !== undefined && ageMs(proved) < holdsMs;
  return {
    now: () => ({ awakeMs: elapsedMs(), bootMs: bootMs() }),
    renew: (asked) => {
      proved = asked;
    },
    isProved,
    pausedForMs: () => {
      if (isProved()) return 0;
      return Math.max(1, Math.round(proved === undefined ? elapsedMs() - openedMs : ageMs(proved) - holdsMs));
    },
  };
}

const lookEveryMs = 500;

/** Says when nothing is granted any more, and when it is again. */
export function tellPauses({ pausedForMs }: Tenure, log: Log): { stop(): void } {
  let longestMs = 0;
  const timer = setInterval(() => {
    const forMs = pausedForMs();
    if (forMs > 0 && longestMs === 0)
      log.warning("stat.paused", {
        meaning: "no word of the database that nobody else grants: senders wait until it answers",
      });
    if (forMs === 0 && longestMs > 0) log.info("stat.resumed", { pausedMs: longestMs });
    longestMs = forMs;
  }, lookEveryMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
