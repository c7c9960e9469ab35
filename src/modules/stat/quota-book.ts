/** What all senders together hold: connections per path, tokens per slice of five minutes; and what may be granted more. */

import { type Answer, type Path, pathKey, type PathReport, sliceMs, slicesPerHour } from "#channels/permit-messages.ts";

import { findRule, type MxRule } from "./mx-rule.ts";

export type QuotaBook = {
  /** Leave for one connection, with a first lot of tokens. */
  connect(client: string, path: Path): Answer;
  /**
   * Who should give a connection of a path back when a client waits for one: the client with most, unless that is hardly more than
   * the other has.
   */
  findYielder(client: string, path: Path): string | undefined;
  /** A further lot. */
  grantTokens(client: string, path: Path, wanted: number): Answer;
  release(client: string, path: Path, unused: number): void;
  /** Takes over what a client says that it holds; with the last lot of a report, what it did not name is gone. */
  takeReport(
    client: string,
    report: { readonly number: number; readonly isLast: boolean; readonly paths: readonly PathReport[] },
  ): void;
  /** Forgets the clients whose id begins so. */
  forget(client: string): number;
  /** Replaces the rules; what is held stays counted. */
  setRules(rules: readonly MxRule[]): void;
  /** For the log. */
  summary(): { clients: number; paths: number; openConnections: number };
};

/** What one client holds on one path. Slices are numbered from the start of the book. */
type Holding = {
  readonly path: Path;
  openConnections: number;
  readonly spent: Map<number, number>;
  reportNumber: number;
};

/** A lot is never smaller, so that a fast session does not ask for each message. */
const smallestLot = 10;
const busyRetryMs = 250;

/**
 * Opens an empty book.
 * @param elapsedMs a clock that never goes back: hourly limits must not depend on the wall clock
 */
export function openQuotaBook(elapsedMs: () => number): QuotaBook {
  const clients = new Map<string, Map<string, Holding>>();
  const connectionsOf = new Map<string, number>();
  const spentOf = new Map<string, Map<number, number>>();
  let rules: readonly MxRule[] = [];

  const currentSlice = (): number => Math.floor(elapsedMs() / sliceMs);

  const holdingOf = (client: string, path: Path): Holding => {
    const holdings = clients.get(client) ?? new Map<string, Holding>();
    clients.set(client, holdings);
    const key = pathKey(path);
    const holding = holdings.get(key) ?? {
      path,
      openConnections: 0,
      spent: new Map<number, number>(),
      reportNumber: 0,
    };
    holdings.set(key, holding);
    return holding;
  };
  const addConnections = (holding: Holding, count: number): void => {
    const change = Math.max(count, -holding.openConnections);
    holding.openConnections += change;
    add(connectionsOf, pathKey(holding.path), change);
  };
  const addSpent = (holding: Holding, slice: number, tokens: number): void => {
    const change = Math.max(tokens, -(holding.spent.get(slice) ?? 0));
    if (change === 0) return;
    add(holding.spent, slice, change);
    const key = quotaKey(findRule(rules, holding.path), holding.path);
    const slices = spentOf.get(key) ?? new Map<number, number>();
    spentOf.set(key, slices);
    add(slices, slice, change);
  };
  const drop = (holding: Holding): void => {
    addConnections(holding, -holding.openConnections);
  };
  const lotFor = (rule: MxRule, path: Path, wanted: number): number | undefined => {
    if (rule.maxMessagesPerHour === 0) return undefined;
    const slice = currentSlice();
    const slices = spentOf.get(quotaKey(rule, path));
    if (slices !== undefined) forgetOldSlices(slices, slice);
    const left = sliceQuota(rule.maxMessagesPerHour, slice) - (slices?.get(slice) ?? 0);
    return Math.max(0, Math.min(left, Math.max(wanted, smallestLot)));
  };
  const untilNextSlice = (): number => sliceMs - (elapsedMs() % sliceMs) + 1;

  return {
    connect: (client, path) => {
      const rule = findRule(rules, path);
      if ((connectionsOf.get(pathKey(path)) ?? 0) >= rule.maxConnections)
        return { kind: "wait", retryAfterMs: busyRetryMs, reason: "connections" };
      const tokens = lotFor(rule, path, smallestLot);
      if (tokens === 0) return { kind: "wait", retryAfterMs: untilNextSlice(), reason: "quota" };
      const holding = holdingOf(client, path);
      addConnections(holding, 1);
      addSpent(holding, currentSlice(), tokens ?? 0);
      const limits = limitsOf(rule);
      return tokens === undefined ? { kind: "granted", limits } : { kind: "granted", limits, tokens };
    },
    findYielder: (client, path) => {
      const key = pathKey(path);
      const own = clients.get(client)?.get(key)?.openConnections ?? 0;
      let most = own + 1;
      let yielder: string | undefined;
      for (const [name, holdings] of clients) {
        const open = holdings.get(key)?.openConnections ?? 0;
        if (open <= most) continue;
        most = open;
        yielder = name;
      }
      return yielder;
    },
    grantTokens: (client, path, wanted) => {
      const tokens = lotFor(findRule(rules, path), path, wanted);
      if (tokens === undefined) return { kind: "granted" };
      if (tokens === 0) return { kind: "wait", retryAfterMs: untilNextSlice(), reason: "quota" };
      addSpent(holdingOf(client, path), currentSlice(), tokens);
      return { kind: "granted", tokens };
    },
    release: (client, path, unused) => {
      const holding = holdingOf(client, path);
      addConnections(holding, -1);
      addSpent(holding, currentSlice(), -unused);
    },
    takeReport: (client, { number, isLast, paths }) => {
      const slice = currentSlice();
      for (const report of paths) {
        const holding = holdingOf(client, report.path);
        holding.reportNumber = number;
        addConnections(holding, report.openConnections - holding.openConnections);
        for (let age = 0; age < slicesPerHour; age += 1) {
          const told = report.spent[age] ?? 0;
          addSpent(holding, slice - age, told - (holding.spent.get(slice - age) ?? 0));
        }
      }
      if (!isLast) return;
      const holdings = clients.get(client);
      for (const [key, holding] of holdings ?? []) {
        forgetOldSlices(holding.spent, slice);
        if (holding.reportNumber === number) continue;
        drop(holding);
        // What it spent stays spent for the hour: only the connections are gone.
        if (holding.spent.size === 0) holdings?.delete(key);
      }
    },
    forget: (client) => {
      let found = 0;
      for (const [name, holdings] of clients) {
        if (!name.startsWith(client)) continue;
        found += 1;
        for (const holding of holdings.values()) drop(holding);
        clients.delete(name);
      }
      return found;
    },
    setRules: (changed) => {
      rules = changed;
      spentOf.clear();
      for (const holdings of clients.values()) {
        for (const holding of holdings.values()) {
          const spent = [...holding.spent];
          holding.spent.clear();
          for (const [slice, tokens] of spent) addSpent(holding, slice, tokens);
        }
      }
    },
    summary: () => ({
      clients: clients.size,
      paths: [...connectionsOf.values()].filter((count) => count > 0).length,
      openConnections: [...connectionsOf.values()].reduce((sum, count) => sum + count, 0),
    }),
  };
}

/**
 * The part of an hourly limit that one slice may spend: 833 of 10,000. Twelve slices in a row spend exactly the limit.
 * @param slice number of the slice, from any beginning
 */
export function sliceQuota(maxMessagesPerHour: number, slice: number): number {
  const position = ((slice % slicesPerHour) + slicesPerHour) % slicesPerHour;
  return (
    Math.floor(((position + 1) * maxMessagesPerHour) / slicesPerHour) -
    Math.floor((position * maxMessagesPerHour) / slicesPerHour)
  );
}

/**
 * What an hourly limit is counted over. Shared: all remote addresses that the mask names, for each of our public ids;
 * the mask of everything names no provider, so there each host counts for itself. Not shared: each remote address.
 */
function quotaKey(rule: MxRule, path: Path): string {
  if (!rule.isShared) return `${rule.id}|${path.publicId}|${path.address}`;
  return `${rule.id}|${path.publicId}|${rule.mask === "*" ? path.host.toLowerCase() : "*"}`;
}

function limitsOf(rule: MxRule): NonNullable<Extract<Answer, { kind: "granted" }>["limits"]> {
  return {
    maxMessages: rule.maxMessagesPerConnection,
    connectionTimeoutMs: rule.connectionTimeoutSec * 1_000,
    dataTimeoutMs: rule.dataTimeoutSec * 1_000,
    otherTimeoutMs: rule.otherTimeoutSec * 1_000,
    tls: rule.tls,
  };
}

function add<K>(counters: Map<K, number>, key: K, change: number): void {
  const now = (counters.get(key) ?? 0) + change;
  if (now === 0) counters.delete(key);
  else counters.set(key, now);
}

function forgetOldSlices(spent: Map<number, number>, slice: number): void {
  for (const old of spent.keys()) if (old <= slice - slicesPerHour) spent.delete(old);
}
