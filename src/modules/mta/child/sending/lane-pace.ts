/** How many messages a destination takes in a second, as long as it is kept busy. */

export type Pace = {
  /** A message has begun; so many wait behind it. */
  noteBegun(waiting: number): void;
  /** Called each second. */
  measure(): void;
  /** How many of so many may leave within a second: all of them until it has shown that it takes fewer. */
  limit(waiting: number): number;
  /** The most that it took in one of the last seconds in which it was kept busy; infinite when it was not, or is not known yet. */
  readonly most: number;
};

/** A moment in which nothing could be kept, or no lease was sure, does not make a destination slow. */
const secondsOfMost = 5;

/** Begins to count. */
export function openPace(): Pace {
  let begun = 0;
  /** It took all that there was: what it stands is not known. */
  let hasRunDry = true;
  let perSecond = Number.POSITIVE_INFINITY;
  let busySeconds: number[] = [];
  return {
    noteBegun: (waiting) => {
      begun += 1;
      if (waiting === 0) hasRunDry = true;
    },
    measure: () => {
      perSecond = hasRunDry ? Number.POSITIVE_INFINITY : begun;
      busySeconds = hasRunDry ? [] : [...busySeconds, begun].slice(-secondsOfMost);
      begun = 0;
      hasRunDry = false;
    },
    limit: (waiting) => Math.min(waiting, perSecond),
    get most() {
      return busySeconds.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...busySeconds);
    },
  };
}
