/** A sender's own account of what it was granted, by path: a restarted server is told it. */

import {
  type BySlice,
  type Path,
  pathKey,
  type PathNews,
  type PathReport,
  sliceMs,
  slicesPerHour,
} from "./permit-messages.ts";

/** Tokens of one slice: they end with it. */
export type Lot = {
  readonly path: Path;
  readonly slice: number;
  /** When the slice ends, by the sender's clock. */
  readonly endsMs: number;
  /** Messages that may still begin. */
  left: number;
};

export type HeldPermits = {
  open(path: Path): void;
  close(path: Path): void;
  grant(lot: Lot): void;
  /** Tokens that no message used. */
  giveBack(path: Path, slice: number, tokens: number): void;
  /** Messages of a slice came to their end: those that ended late count in the slice that the server names. */
  settle(path: Path, ended: PathNews["ended"], sliceNow: number): void;
  /** Remembers the share that the server named. */
  noteFlow(path: Path, flow: number | undefined, nowMs: number): void;
  describe(): PathReport[];
  /** Paths with open connections. */
  listOpen(): Path[];
  readonly isEmpty: boolean;
  /** Forgets slices of more than an hour before the one given, shares that nobody asked for in a while, and paths of which nothing is left. */
  forgetIdle(slice: number | undefined, nowMs: number): void;
};

type Held = {
  readonly path: Path;
  openConnections: number;
  readonly spent: Map<number, number>;
  readonly outstanding: Map<number, number>;
  flow: { readonly level: number; readonly sinceMs: number } | undefined;
};

const flowRememberedMs = 600_000;

/** Opens an empty account. */
export function openHeldPermits(): HeldPermits {
  const held = new Map<string, Held>();
  const of = (path: Path): Held => {
    const key = pathKey(path);
    const known = held.get(key);
    if (known !== undefined) return known;
    const entry: Held = { path, openConnections: 0, spent: new Map(), outstanding: new Map(), flow: undefined };
    held.set(key, entry);
    return entry;
  };
  return {
    open: (path) => void (of(path).openConnections += 1),
    close: (path) => {
      const entry = of(path);
      entry.openConnections = Math.max(0, entry.openConnections - 1);
    },
    grant: ({ path, slice, left }) => {
      const { spent, outstanding } = of(path);
      addTo(spent, slice, left);
      addTo(outstanding, slice, left);
    },
    giveBack: (path, slice, tokens) => {
      const { spent, outstanding } = of(path);
      addTo(spent, slice, -tokens);
      addTo(outstanding, slice, -tokens);
    },
    settle: (path, ended, sliceNow) => {
      const { spent, outstanding } = of(path);
      for (const [slice, inTime, late] of ended) {
        addTo(outstanding, slice, -inTime - late);
        addTo(spent, sliceNow, -addTo(spent, slice, -late));
      }
    },
    noteFlow: (path, flow, nowMs) => {
      if (flow !== undefined) of(path).flow = { level: flow, sinceMs: nowMs };
      else {
        const entry = held.get(pathKey(path));
        if (entry !== undefined) entry.flow = undefined;
      }
    },
    describe: () =>
      [...held.values()].map(({ path, openConnections, spent, outstanding, flow }) => ({
        path,
        openConnections,
        spent: [...spent],
        outstanding: [...outstanding],
        ...(flow === undefined ? {} : { flow: flow.level }),
      })),
    listOpen: () => [...held.values()].filter((entry) => entry.openConnections > 0).map(({ path }) => path),
    get isEmpty() {
      return held.size === 0;
    },
    forgetIdle: (slice, nowMs) => {
      for (const [key, entry] of held) {
        const { openConnections, spent, outstanding, flow } = entry;
        if (slice !== undefined) {
          forgetOldSlices(spent, slice);
          forgetOldSlices(outstanding, slice);
        }
        if (openConnections > 0 || spent.size > 0 || outstanding.size > 0) continue;
        if (flow === undefined || nowMs - flow.sinceMs > flowRememberedMs) held.delete(key);
      }
    },
  };
}

/** The slice in which a moment lies, from a lot of which both are known. */
export function sliceAt(lot: Pick<Lot, "slice" | "endsMs">, nowMs: number): number {
  return nowMs < lot.endsMs ? lot.slice : lot.slice + 1 + Math.floor((nowMs - lot.endsMs) / sliceMs);
}

/** Changes a counter that is never below 0, and is left out at 0; answers by how much it changed. */
export function addTo<K>(counters: Map<K, number>, key: K, change: number): number {
  const before = counters.get(key) ?? 0;
  const after = Math.max(0, before + change);
  if (after === 0) counters.delete(key);
  else counters.set(key, after);
  return after - before;
}

/** Deletes what is older than an hour. */
export function forgetOldSlices(bySlice: Map<number, number>, slice: number): void {
  for (const old of bySlice.keys()) if (old <= slice - slicesPerHour) bySlice.delete(old);
}

/** Pairs of slices within an hour; what a sender names beyond is not taken. */
export function withinHour(bySlice: BySlice, slice: number): BySlice {
  return bySlice.filter(([each]) => each > slice - slicesPerHour && each <= slice + 1);
}
