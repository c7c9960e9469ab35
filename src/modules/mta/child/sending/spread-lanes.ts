/** The lanes of one destination, one for each of our addresses, and which of them a message waits in. */

import { type Balance, openShares } from "./choose-source.ts";
import type { Job } from "./job.ts";
import type { Lane } from "./lane.ts";
import type { Source, SourcePool } from "./source.ts";

export type Spread = {
  /** Shares messages out. */
  add(jobs: readonly Job[]): void;
  /** Messages that wait for an address that gets nothing through go to the others. */
  rebalance(): void;
  /** Takes out so many of those that came last, of each lane its part: when they come again, they are shared out anew. */
  takeLast(count: number): Job[];
  readonly waiting: number;
  /** The most that left in one of the last seconds in which it was kept busy, from all our addresses; infinite when it was not. */
  readonly perSecond: number;
  readonly lanes: Iterable<Lane>;
};

/** So many messages go to one address before the next is chosen: a small domain then needs one connection. */
const lot = 10;

/**
 * Opens no lane before its first message.
 * @param overall what all destinations of this pool owe each address
 */
export function openSpread({ sources }: SourcePool, openLaneFrom: (source: Source) => Lane, overall: Balance): Spread {
  const lanes = new Map<Source, Lane>();
  const shares = openShares(sources, overall);
  const laneOf = (source: Source): Lane => {
    const lane = lanes.get(source) ?? openLaneFrom(source);
    lanes.set(source, lane);
    return lane;
  };
  const share = (jobs: readonly Job[], usable: readonly Source[]): void => {
    const chosen = new Map<Source, Job[]>();
    for (let from = 0; from < jobs.length; from += lot) {
      const some = jobs.slice(from, from + lot);
      const source = shares.choose(usable, some.length);
      const ofSource = chosen.get(source) ?? [];
      ofSource.push(...some);
      chosen.set(source, ofSource);
    }
    for (const [source, ofSource] of chosen) laneOf(source).add(ofSource);
  };
  const sumOf = (figure: (lane: Lane) => number): number =>
    [...lanes.values()].reduce((sum, lane) => sum + figure(lane), 0);
  const waiting = (): number => sumOf((lane) => lane.waiting);
  const usableSources = (): Source[] => sources.filter((source) => lanes.get(source)?.holdsBack !== true);

  return {
    lanes: { [Symbol.iterator]: () => lanes.values() },
    add: (jobs) => {
      const [only] = sources;
      if (only !== undefined && sources.length === 1) return laneOf(only).add(jobs);
      const usable = usableSources();
      return share(jobs, usable.length > 0 ? usable : sources);
    },
    rebalance: () => {
      const usable = usableSources();
      if (usable.length === 0 || usable.length === sources.length) return;
      for (const [source, lane] of lanes) {
        if (usable.includes(source) || lane.waiting === 0) continue;
        const jobs = lane.takeAll();
        shares.giveBack(source, jobs.length);
        share(jobs, usable);
      }
    },
    takeLast: (count) => {
      const part = count / Math.max(1, waiting());
      return [...lanes].flatMap(([source, lane]) => {
        const jobs = lane.takeLast(Math.floor(part * lane.waiting));
        if (sources.length > 1) shares.giveBack(source, jobs.length);
        return jobs;
      });
    },
    get waiting() {
      return waiting();
    },
    get perSecond() {
      return sumOf(({ perSecond }) => perSecond);
    },
  };
}
