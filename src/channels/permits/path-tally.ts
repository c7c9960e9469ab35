/** Collects what servers did on each path until it is told to the statistics server, in lots that fit a datagram. */

import { type Path, pathKey, type PathCounts, type PathNews } from "./permit-messages.ts";

export type PathTally = {
  count(path: Path, counts: PathCounts): void;
  /** A token's message came to its end, in its slice or perhaps after it. */
  end(path: Path, slice: number, isInTime: boolean): void;
  readonly isEmpty: boolean;
  /** Everything so far, and begins anew. */
  take(): PathNews[];
};

type Entry = { readonly path: Path; readonly counts: PathCounts; readonly ended: [number, number, number][] };

/** Opens an empty tally. */
export function openPathTally(): PathTally {
  let entries = new Map<string, Entry>();
  const of = (path: Path): Entry => {
    const key = pathKey(path);
    const known = entries.get(key);
    if (known !== undefined) return known;
    const entry: Entry = { path, counts: {}, ended: [] };
    entries.set(key, entry);
    return entry;
  };
  return {
    count: (path, counts) => {
      const own = of(path).counts;
      for (const name of Object.keys(counts) as (keyof PathCounts)[])
        own[name] = (own[name] ?? 0) + (counts[name] ?? 0);
    },
    end: (path, slice, isInTime) => {
      const { ended } = of(path);
      let known = ended.find((each) => each[0] === slice);
      if (known === undefined) {
        known = [slice, 0, 0];
        ended.push(known);
      }
      known[isInTime ? 1 : 2] += 1;
    },
    get isEmpty() {
      return entries.size === 0;
    },
    take: () => {
      const taken = [...entries.values()];
      entries = new Map();
      return taken;
    },
  };
}

/** Splits a list so that each part is no longer as JSON than given; at least one part, which may be empty. */
export function splitBySize<T>(items: readonly T[], mostBytes: number): T[][] {
  const lots: T[][] = [[]];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (bytes > 0 && bytes + size > mostBytes) {
      lots.push([]);
      bytes = 0;
    }
    bytes += size;
    lots.at(-1)?.push(item);
  }
  return lots;
}
