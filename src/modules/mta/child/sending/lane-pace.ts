/** How many messages a destination takes in a second, as long as it is kept busy. */

export type Pace = {
  /** A message has begun; so many wait behind it. */
  noteBegun(waiting: number): void;
  /** Called each second. */
  measure(): void;
  /** How many of so many may leave within a second: all of them until it has shown that it takes fewer. */
  limit(waiting: number): number;
};

/** Begins to count. */
export function openPace(): Pace {
  let begun = 0;
  /** It took all that there was: what it stands is not known. */
  let hasRunDry = true;
  let perSecond = Number.POSITIVE_INFINITY;
  return {
    noteBegun: (waiting) => {
      begun += 1;
      if (waiting === 0) hasRunDry = true;
    },
    measure: () => {
      perSecond = hasRunDry ? Number.POSITIVE_INFINITY : begun;
      begun = 0;
      hasRunDry = false;
    },
    limit: (waiting) => Math.min(waiting, perSecond),
  };
}
