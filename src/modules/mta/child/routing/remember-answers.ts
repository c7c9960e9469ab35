/** Remembers what DNS answered for as long as it said; questions about one name under way share one query. */

import { forgetOldest } from "#foundation/forget-oldest.ts";

export type LivedAnswer<A> = {
  readonly answer: A;
  /** How long it holds; 0 = for the question under way only. */
  readonly ttlSec: number;
  /** Nothing was learnt: what was known before is better, even when its time is over. */
  readonly isFailure: boolean;
};

type Known<A> = {
  asking: Promise<A> | undefined;
  answer: LivedAnswer<A> | undefined;
  untilMs: number;
  /** An answer whose time is over serves until then, while nobody knows a newer one. */
  staleUntilMs: number;
};

/** A server in trouble is asked again after this time (RFC 9520 section 3.2 wants at least a second, at most five minutes). */
const failureRememberedMs = 30_000;
/** @source RFC 8767: serving stale data; an hour bridges the outage of a resolver */
const staleMs = 3_600_000;
const mostRemembered = 50_000;

/**
 * Wraps a question so that its answers are remembered.
 * @param most names remembered; the oldest go first, since the domains of a list come in order
 */
export function rememberAnswers<A>(
  ask: (name: string) => Promise<LivedAnswer<A>>,
  { elapsedMs, most = mostRemembered }: { elapsedMs: () => number; most?: number },
): (name: string) => Promise<A> {
  const known = new Map<string, Known<A>>();

  const askAgain = async (name: string, entry: Known<A>): Promise<A> => {
    try {
      const found = await ask(name);
      const nowMs = elapsedMs();
      if (found.isFailure) {
        entry.untilMs = nowMs + failureRememberedMs;
        if (entry.answer !== undefined && !entry.answer.isFailure && nowMs < entry.staleUntilMs)
          return entry.answer.answer;
      } else {
        entry.untilMs = nowMs + found.ttlSec * 1_000;
        entry.staleUntilMs = entry.untilMs + staleMs;
      }
      entry.answer = found;
      return found.answer;
    } finally {
      entry.asking = undefined;
    }
  };

  return (name) => {
    const entry = known.get(name) ?? { asking: undefined, answer: undefined, untilMs: 0, staleUntilMs: 0 };
    if (entry.asking !== undefined) return entry.asking;
    if (entry.answer !== undefined && elapsedMs() < entry.untilMs) return Promise.resolve(entry.answer.answer);
    known.delete(name);
    known.set(name, entry);
    forgetOldest(known, most);
    entry.asking = askAgain(name, entry);
    return entry.asking;
  };
}
