/**
 * Which messages give up their room in a child. Parts hold the messages of many destinations: those of one that is slow stay behind, and
 * would fill the child in the end, with nothing left of the others (docs/decisions/0050).
 */

/** A queue, and how many of its messages leave in a second: infinite when it is not known, since it was not busy. */
export type Queue = { readonly waiting: number; readonly perSecond: number };

/** What a destination keeps: some seconds of its work, until its messages have come back. */
const keptSec = 30;
const fewestKept = 10;

/**
 * Chooses the queues that would take longest to empty.
 * @param count messages that should give way
 * @returns how many of each; in all fewer than asked for where destinations are not slow
 */
export function chooseWhoGivesWay<Q extends Queue>(queues: Iterable<Q>, count: number): Map<Q, number> {
  const chosen = new Map<Q, number>();
  let missing = count;
  for (const queue of [...queues].sort((one, other) => secondsOf(other) - secondsOf(one))) {
    const spare = queue.waiting - Math.max(fewestKept, Math.ceil(keptSec * queue.perSecond));
    const taken = Math.min(spare, missing);
    if (taken <= 0) continue;
    chosen.set(queue, taken);
    missing -= taken;
  }
  return chosen;
}

function secondsOf({ waiting, perSecond }: Queue): number {
  return waiting === 0 ? 0 : waiting / perSecond;
}

/** Says when room is cleared again. */
export type ClearingPace = {
  readonly isDue: boolean;
  /** Messages have come for destinations that did not give way. */
  noteGained(messages: number): void;
  noteCleared(messages: number): void;
};

const shortestMs = 100;
const longestMs = 30_000;
/** Less than one message in so many that came was for somebody else. */
const poorShare = 10;

/** At once, as long as others profit; less and less often where all that comes is for those who are slow. */
export function openClearingPace(elapsedMs: () => number): ClearingPace {
  let waitMs = shortestMs;
  let clearedMs = Number.NEGATIVE_INFINITY;
  let cleared = 0;
  let gained = 0;
  return {
    get isDue() {
      return elapsedMs() - clearedMs >= waitMs;
    },
    noteGained: (messages) => {
      gained += messages;
    },
    noteCleared: (messages) => {
      const isWorthIt = gained * poorShare >= cleared;
      waitMs = isWorthIt ? shortestMs : Math.min(longestMs, 2 * waitMs);
      clearedMs = elapsedMs();
      cleared = messages;
      gained = 0;
    },
  };
}
