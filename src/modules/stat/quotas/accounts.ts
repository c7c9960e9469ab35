/** The accounts of all senders: what each holds, what that comes to for each path and each hourly limit, and what of it is to be written. */

import { addTo } from "#channels/permits/held-permits.ts";
import { type Path, pathKey } from "#channels/permits/permit-messages.ts";

import type { WarmUpBook } from "../warm-ups/warm-up-book.ts";
import { type Counter, departed, type Holding, openCounters, openHoldings } from "./holdings.ts";
import type { MxRule } from "./mx-rule.ts";
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
  /** Connections of all senders. */
  openOn(path: Path): number;
  ruleOf(path: Path): MxRule;
  /** What is counted over the hourly limit of a path; undefined while nothing is. */
  counterOf(path: Path): Counter | undefined;
  /** Replaces the rules; what is held stays counted. */
  setRules(rules: readonly MxRule[]): void;
  /** Closes a client's accounts. What it leaves behind is spent, and nobody's: its connections and messages under way are gone. */
  close(client: string): void;
  /** Takes in what was written before a restart, without counting it for the warm-ups, which were written too. */
  restore(rows: readonly SpentRow[]): void;
  /** What changed since the last time. */
  takeChanges(): readonly SpentRow[];
  /** Forgets what is older than an hour. */
  sweep(slice: number): void;
  /** For the log. */
  summary(): { rules: number; senders: number; paths: number; openConnections: number };
};

/** Tokens that a client spent on a path in a slice. */
export type SpentRow = {
  readonly client: string;
  readonly path: Path;
  readonly slice: number;
  readonly tokens: number;
};

/** Opens accounts in which nobody holds anything. */
export function openAccounts(warmUps: WarmUpBook): Accounts {
  const holdings = openHoldings();
  const counters = openCounters();
  const rules = openRulesInForce();
  const connections = new Map<string, number>();
  const changed = new Map<string, { readonly holding: Holding; readonly slice: number }>();
  const counterKey = (path: Path): string => quotaKey(rules.of(path), path);

  const addConnections = (holding: Holding, count: number): void => {
    const change = Math.max(count, -holding.openConnections);
    holding.openConnections += change;
    addTo(connections, connectionKey(holding.path), change);
  };
  const addTokens = (holding: Holding, slice: number, spent: number, outstanding: number): void => {
    const spentBy = addTo(holding.spent, slice, spent);
    const outstandingBy = addTo(holding.outstanding, slice, outstanding);
    counters.add(counterKey(holding.path), slice, spentBy, outstandingBy);
    if (spentBy === 0) return;
    warmUps.add(holding.path, slice, spentBy);
    changed.set(`${holding.client}\n${slice}\n${pathKey(holding.path)}`, { holding, slice });
  };
  const close = (client: string): void => {
    for (const holding of holdings.find(client)?.values() ?? []) {
      addConnections(holding, -holding.openConnections);
      for (const [slice, tokens] of holding.outstanding) addTokens(holding, slice, 0, -tokens);
      for (const [slice, tokens] of holding.spent) {
        addTokens(holding, slice, -tokens, 0);
        addTokens(holdings.of(departed, holding.path), slice, tokens, 0);
      }
    }
    holdings.drop(client);
  };
  const setRules = (given: readonly MxRule[]): void => {
    rules.set(given);
    counters.clear();
    holdings.each(({ path, spent, outstanding }) => {
      const key = counterKey(path);
      for (const [slice, tokens] of spent) counters.add(key, slice, tokens, 0);
      for (const [slice, tokens] of outstanding) counters.add(key, slice, 0, tokens);
    });
  };
  const takeChanges = (): SpentRow[] => {
    const rows = [...changed.values()].map(({ holding: { client, path, spent }, slice }) => ({
      client,
      path,
      slice,
      tokens: spent.get(slice) ?? 0,
    }));
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
    openOn: (path) => connections.get(connectionKey(path)) ?? 0,
    ruleOf: rules.of,
    counterOf: (path) => counters.find(counterKey(path)),
    setRules,
    close,
    restore: (rows) => {
      for (const { client, path, slice, tokens } of rows) {
        addTo(holdings.of(client, path).spent, slice, tokens);
        counters.add(counterKey(path), slice, tokens, 0);
      }
    },
    takeChanges,
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

/** Two names of one address are one path. */
function connectionKey({ publicId, address }: Path): string {
  return `${publicId}|${address}`;
}
