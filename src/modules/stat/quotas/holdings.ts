/** What each sender holds on each path: connections, tokens spent in the last hour, and those whose message is under way. */

import { addTo, forgetOldSlices } from "#channels/permits/held-permits.ts";
import { type Path, pathKey } from "#channels/permits/permit-messages.ts";

import type { Reserve } from "./reserves.ts";

export type Holding = {
  readonly client: string;
  readonly path: Path;
  openConnections: number;
  readonly spent: Map<number, number>;
  readonly outstanding: Map<number, number>;
  /** Of what was spent: what was set aside before a restart, until the sender says what it used of it. */
  readonly setAside: Map<number, number>;
  /** What is written ahead of what is granted. */
  reserve: Reserve | undefined;
  /** The last report that named it. */
  reportNumber: number;
};

export type Holdings = {
  of(client: string, path: Path): Holding;
  find(client: string): ReadonlyMap<string, Holding> | undefined;
  readonly clients: IterableIterator<string>;
  each(visit: (holding: Holding) => void): void;
  /** Deletes a client with what it held, which has been taken elsewhere. */
  drop(client: string): void;
  /** Forgets slices of more than an hour, and what nothing is left of. */
  sweep(slice: number): void;
  readonly clientCount: number;
};

/** Senders that ended: what they spent counts on, under no name. */
export const departed = "";

/** Opens empty holdings. */
export function openHoldings(): Holdings {
  const clients = new Map<string, Map<string, Holding>>();
  return {
    of: (client, path) => {
      let ofClient = clients.get(client);
      if (ofClient === undefined) {
        ofClient = new Map();
        clients.set(client, ofClient);
      }
      const key = pathKey(path);
      const known = ofClient.get(key);
      if (known !== undefined) return known;
      const holding: Holding = {
        client,
        path,
        openConnections: 0,
        spent: new Map(),
        outstanding: new Map(),
        setAside: new Map(),
        reserve: undefined,
        reportNumber: 0,
      };
      ofClient.set(key, holding);
      return holding;
    },
    find: (client) => clients.get(client),
    get clients() {
      return clients.keys();
    },
    each: (visit) => {
      for (const ofClient of clients.values()) for (const holding of ofClient.values()) visit(holding);
    },
    drop: (client) => void clients.delete(client),
    sweep: (slice) => {
      for (const [client, ofClient] of clients) {
        for (const [key, { openConnections, spent, outstanding, setAside, reserve }] of ofClient) {
          forgetOldSlices(spent, slice);
          forgetOldSlices(setAside, slice);
          const isEmpty = openConnections === 0 && spent.size === 0 && outstanding.size === 0;
          if (isEmpty && reserve === undefined) ofClient.delete(key);
        }
        if (ofClient.size === 0) clients.delete(client);
      }
    },
    get clientCount() {
      return clients.size - (clients.has(departed) ? 1 : 0);
    },
  };
}

/** What is counted over one hourly limit. */
export type Counter = {
  readonly spent: Map<number, number>;
  readonly outstanding: Map<number, number>;
  readonly setAside: Map<number, number>;
};

export type Counters = {
  add(key: string, slice: number, change: { readonly [K in keyof Counter]?: number }): void;
  find(key: string): Counter | undefined;
  clear(): void;
  sweep(slice: number): void;
};

/** Opens counters that are all 0. */
export function openCounters(): Counters {
  const counters = new Map<string, Counter>();
  return {
    add: (key, slice, { spent = 0, outstanding = 0, setAside = 0 }) => {
      let counter = counters.get(key);
      if (counter === undefined) {
        counter = { spent: new Map(), outstanding: new Map(), setAside: new Map() };
        counters.set(key, counter);
      }
      addTo(counter.spent, slice, spent);
      addTo(counter.outstanding, slice, outstanding);
      addTo(counter.setAside, slice, setAside);
    },
    find: (key) => counters.get(key),
    clear: () => counters.clear(),
    sweep: (slice) => {
      for (const [key, { spent, outstanding, setAside }] of counters) {
        forgetOldSlices(spent, slice);
        forgetOldSlices(setAside, slice);
        if (spent.size === 0 && outstanding.size === 0) counters.delete(key);
      }
    },
  };
}

/** Tokens of earlier slices whose message is still under way: it may end, and then counts, in this one. */
export function carriedOver({ outstanding }: Counter, slice: number): number {
  let sum = 0;
  for (const [each, tokens] of outstanding) if (each < slice) sum += tokens;
  return sum;
}
