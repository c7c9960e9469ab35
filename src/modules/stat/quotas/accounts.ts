/** The accounts of all senders: what each holds, what that comes to for each path and each hourly limit, and what of it is to be written. */

import { addTo } from "#channels/permits/held-permits.ts";
import { type Path, pathKey } from "#channels/permits/permit-messages.ts";

import type { WarmUpBook } from "../warm-ups/warm-up-book.ts";
import { type Counter, departed, type Holding, openCounters, openHoldings } from "./holdings.ts";
import type { MxRule } from "./mx-rule.ts";
import { openReserves } from "./reserves.ts";
import { openRulesInForce } from "./rules-in-force.ts";
import { quotaKey } from "./slice-quota.ts";

export type Accounts = {
  /** What a client holds of a path; empty where it holds nothing. */
  of(client: string, path: Path): Holding;
  /** All that a client holds, by path. */
  find(client: string): ReadonlyMap<string, Holding> | undefined;
  each(visit: (holding: Holding) => void): void;
  /** Clients that hold something. */
  listClients(): string[];
  /** Adds connections, or takes them off: never more than the client has. */
  addConnections(holding: Holding, count: number): void;
  /** Adds tokens of a slice, or takes them off. Outstanding are those whose message has not come to its end. */
  addTokens(holding: Holding, slice: number, spent: number, outstanding: number): void;
  /** The sender has said what it used of what was set aside for it in a slice. */
  clearSetAside(holding: Holding, slice: number): void;
  /** Connections of all senders. */
  openOn(path: Path): number;
  ruleOf(path: Path): MxRule;
  /** What is counted over the hourly limit of a path; undefined while nothing is. */
  counterOf(path: Path): Counter | undefined;
  /** Replaces the rules; what is held stays counted. */
  setRules(rules: readonly MxRule[]): void;
  /**
   * Closes a client's accounts. What it leaves behind is spent, and nobody's; its connections are gone. Messages of earlier slices
   * that were under way may have ended in the one given, and count there.
   */
  close(client: string, slice: number): void;
  /** Tokens that may be granted to a holding now, since they are written already. */
  roomOf(holding: Holding, slice: number): number;
  /** Tokens are wanted for which there is no room, of which the limits leave so many: the next writing makes it. */
  want(holding: Holding, slice: number, tokens: number, left: number): void;
  /** Grants tokens out of the room, where the limits leave so many. */
  grant(holding: Holding, slice: number, tokens: number, left: number): void;
  /** Takes in what was written before a restart, without counting it for the warm-ups, which were written too. */
  restore(rows: readonly SpentRow[]): void;
  /** What changed since the last time, with room for what was wanted. */
  takeChanges(slice: number): readonly SpentRow[];
  /** What was taken is written. */
  confirmChanges(): void;
  /** Forgets what is older than an hour. */
  sweep(slice: number): void;
  /** For the log. */
  summary(): { rules: number; senders: number; paths: number; openConnections: number };
};

/** What counts of a client on a path in a slice, with what it may be granted without a further writing. */
export type SpentRow = {
  readonly client: string;
  readonly path: Path;
  readonly slice: number;
  readonly tokens: number;
  /** Tokens, of those, whose message may not have come to its end. */
  readonly underWay: number;
  /** Tokens, of those, that were not granted yet, or not as far as is known. */
  readonly setAside: number;
};

/** Opens accounts in which nobody holds anything. */
export function openAccounts(warmUps: WarmUpBook): Accounts {
  const holdings = openHoldings();
  const counters = openCounters();
  const rules = openRulesInForce();
  const reserves = openReserves();
  const connections = new Map<string, number>();
  const changed = new Map<string, { readonly holding: Holding; readonly slice: number }>();
  const counterKey = (path: Path): string => quotaKey(rules.of(path), path);

  const addConnections = (holding: Holding, count: number): void => {
    const change = Math.max(count, -holding.openConnections);
    holding.openConnections += change;
    addTo(connections, connectionKey(holding.path), change);
  };
  /** Changes what is written of a holding, and of the warm-ups with it. */
  const change = (holding: Holding, slice: number, make: () => void): void => {
    const before = toWrite(holding, slice);
    make();
    const after = toWrite(holding, slice);
    const isSame =
      after.tokens === before.tokens && after.underWay === before.underWay && after.setAside === before.setAside;
    if (isSame) return;
    warmUps.keep(holding.path, slice, after.tokens - before.tokens);
    changed.set(`${holding.client}\n${slice}\n${pathKey(holding.path)}`, { holding, slice });
  };
  const addTokens = (holding: Holding, slice: number, spent: number, outstanding: number): void => {
    change(holding, slice, () => {
      const spentBy = addTo(holding.spent, slice, spent);
      const outstandingBy = addTo(holding.outstanding, slice, outstanding);
      counters.add(counterKey(holding.path), slice, { spent: spentBy, outstanding: outstandingBy });
      if (spentBy !== 0) warmUps.add(holding.path, slice, spentBy);
    });
  };
  const addSetAside = (holding: Holding, slice: number, tokens: number): void => {
    change(holding, slice, () => {
      const setAside = addTo(holding.setAside, slice, tokens);
      counters.add(counterKey(holding.path), slice, { setAside });
      if (setAside !== 0) warmUps.addSetAside(holding.path, slice, setAside);
    });
  };
  const close = (client: string, now: number): void => {
    if (client === departed) return;
    for (const holding of holdings.find(client)?.values() ?? []) {
      const left = holdings.of(departed, holding.path);
      addConnections(holding, -holding.openConnections);
      if (holding.reserve !== undefined) change(holding, holding.reserve.slice, () => reserves.drop(holding));
      for (const [slice, tokens] of holding.setAside) {
        addSetAside(holding, slice, -tokens);
        // Among those under way: those of earlier slices count now.
        addSetAside(left, now, tokens);
      }
      for (const [slice, tokens] of holding.outstanding) {
        const isLate = slice < now;
        addTokens(holding, slice, isLate ? -tokens : 0, -tokens);
        if (isLate) addTokens(left, now, tokens, 0);
      }
      for (const [slice, tokens] of holding.spent) {
        addTokens(holding, slice, -tokens, 0);
        addTokens(left, slice, tokens, 0);
      }
    }
    holdings.drop(client);
  };
  const setRules = (given: readonly MxRule[]): void => {
    rules.set(given);
    counters.clear();
    holdings.each(({ path, spent, outstanding, setAside }) => {
      const key = counterKey(path);
      for (const [slice, tokens] of spent) counters.add(key, slice, { spent: tokens });
      for (const [slice, tokens] of outstanding) counters.add(key, slice, { outstanding: tokens });
      for (const [slice, tokens] of setAside) counters.add(key, slice, { setAside: tokens });
    });
  };
  const takeChanges = (now: number): SpentRow[] => {
    reserves.plan(now, change);
    const rows = [...changed.values()].map(({ holding, slice }) => {
      const { client, path } = holding;
      return { client, path, slice, ...toWrite(holding, slice) };
    });
    changed.clear();
    return rows;
  };

  return {
    of: holdings.of,
    find: holdings.find,
    each: holdings.each,
    listClients: () => [...holdings.clients].filter((name) => name !== departed),
    addConnections,
    addTokens,
    clearSetAside: (holding, slice) => addSetAside(holding, slice, -(holding.setAside.get(slice) ?? 0)),
    openOn: (path) => connections.get(connectionKey(path)) ?? 0,
    ruleOf: rules.of,
    counterOf: (path) => counters.find(counterKey(path)),
    setRules,
    close,
    roomOf: reserves.roomOf,
    want: (holding, slice, tokens, left) => {
      const { reserve } = holding;
      if (reserve !== undefined && reserve.slice !== slice)
        change(holding, reserve.slice, () => reserves.drop(holding));
      reserves.want(holding, slice, tokens, left);
    },
    grant: (holding, slice, tokens, left) => {
      addTokens(holding, slice, tokens, tokens);
      reserves.take(holding, slice, tokens, left);
    },
    restore: (rows) => {
      for (const { client, path, slice, tokens, underWay, setAside } of rows) {
        const holding = holdings.of(client, path);
        addTo(holding.spent, slice, tokens);
        addTo(holding.outstanding, slice, underWay);
        addTo(holding.setAside, slice, setAside);
        counters.add(counterKey(path), slice, { spent: tokens, outstanding: underWay, setAside });
      }
    },
    takeChanges,
    confirmChanges: reserves.confirm,
    sweep: (slice) => {
      holdings.sweep(slice);
      counters.sweep(slice);
    },
    summary: () => {
      const open = [...connections.values()];
      return {
        rules: rules.count,
        senders: holdings.clientCount,
        paths: open.length,
        openConnections: open.reduce((sum, count) => sum + count, 0),
      };
    },
  };
}

/** What the database is to count: what was spent, or the reserve that it is part of. */
function toWrite(
  { spent, outstanding, setAside, reserve }: Holding,
  slice: number,
): Pick<SpentRow, "tokens" | "underWay" | "setAside"> {
  const counted = spent.get(slice) ?? 0;
  const tokens = Math.max(counted, reserve?.slice === slice ? reserve.planned : 0);
  const ahead = tokens - counted;
  return {
    tokens,
    underWay: (outstanding.get(slice) ?? 0) + ahead,
    setAside: (setAside.get(slice) ?? 0) + ahead,
  };
}

/** Two names of one address are one path. */
function connectionKey({ publicId, address }: Path): string {
  return `${publicId}|${address}`;
}
