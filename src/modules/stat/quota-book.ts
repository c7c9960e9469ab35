/** What all senders together hold: connections per path, tokens per slice of five minutes; and what may be granted more. */

import { addTo, withinHour } from "#channels/held-permits.ts";
import {
  type Answer,
  type Path,
  pathKey,
  type PathNews,
  type PathReport,
  type ShownPath,
  slicesPerHour,
  type WaitReason,
} from "#channels/permit-messages.ts";

import type { FlowControl } from "./flow-control.ts";
import { carriedOver, departed, type Holding, openCounters, openHoldings } from "./holdings.ts";
import { findRule, type MxRule } from "./mx-rule.ts";
import { quotaKey, sliceOf, sliceQuota, untilNextSlice } from "./slice-quota.ts";
import type { WarmUpBook } from "./warm-up-book.ts";

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
  release(client: string, path: Path, unused: number, slice?: number): void;
  /** Takes back tokens that no message used. */
  refund(client: string, path: Path, unused: number, slice: number): void;
  /** Messages of tokens came to their end; those that ended late count in the slice under way. */
  settle(client: string, path: Path, ended: PathNews["ended"]): void;
  /** Takes over what a client says that it holds; with the last lot of a report, what it did not name is gone. */
  takeReport(
    client: string,
    report: { readonly number: number; readonly isLast: boolean; readonly paths: readonly PathReport[] },
  ): void;
  /** Forgets the clients whose id begins so; what they spent stays spent. */
  forget(client: string): number;
  /** Replaces the rules; what is held stays counted. */
  setRules(rules: readonly MxRule[]): void;
  /** Takes in what was written before a restart, without counting it for the warm-ups, which were written too. */
  restore(rows: readonly SpentRow[]): void;
  /** What changed since the last time. */
  takeChanges(): readonly SpentRow[];
  /** Clients that hold something: after a restart they are waited for. */
  listClients(): readonly string[];
  /** Forgets what is older than an hour. */
  sweep(): void;
  /** Every path of which something is known, in the order of their keys. */
  describe(): ShownPath[];
  describePath(path: Path): ShownPath;
  /** The slice under way. */
  readonly sliceNow: number;
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

/** A lot is never smaller where there is as much, so that a fast session does not ask for each message. */
const smallestLot = 10;
const busyRetryMs = 250;
/** Tokens that others hold may come back before the slice ends. */
const refundRetryMs = 10_000;
const carriedRetryMs = 500;
const mostRememberedRules = 200_000;

type Limited = { readonly tokens: number | undefined } | { readonly forMs: number; readonly reason: WaitReason };

/**
 * Opens an empty book.
 * @param options nowMs: milliseconds since 1970, never going back while the process lives: slices are aligned to it
 */
export function openQuotaBook(options: {
  readonly nowMs: () => number;
  readonly flow: FlowControl;
  readonly warmUps: WarmUpBook;
}): QuotaBook {
  const { nowMs, flow, warmUps } = options;
  const holdings = openHoldings();
  const counters = openCounters();
  const connections = new Map<string, number>();
  const changed = new Map<string, { readonly holding: Holding; readonly slice: number }>();
  const ruleOfPath = new Map<string, MxRule>();
  let rules: readonly MxRule[] = [];

  const ruleOf = (path: Path): MxRule => {
    const key = `${path.publicId}|${path.host}`;
    const known = ruleOfPath.get(key);
    if (known !== undefined) return known;
    const rule = findRule(rules, path);
    if (ruleOfPath.size >= mostRememberedRules) ruleOfPath.clear();
    ruleOfPath.set(key, rule);
    return rule;
  };
  const openOn = (path: Path): number => connections.get(connectionKey(path)) ?? 0;

  const addConnections = (holding: Holding, count: number): void => {
    const change = Math.max(count, -holding.openConnections);
    holding.openConnections += change;
    addTo(connections, connectionKey(holding.path), change);
  };
  const addTokens = (holding: Holding, slice: number, spent: number, outstanding: number): void => {
    const spentBy = addTo(holding.spent, slice, spent);
    const outstandingBy = addTo(holding.outstanding, slice, outstanding);
    counters.add(quotaKey(ruleOf(holding.path), holding.path), slice, spentBy, outstandingBy);
    if (spentBy === 0) return;
    warmUps.add(holding.path, slice, spentBy);
    changed.set(`${holding.client}\n${slice}\n${pathKey(holding.path)}`, { holding, slice });
  };
  /** What a client leaves behind is spent, and nobody's: its connections and messages under way are gone. */
  const part = (client: string): void => {
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

  const hourlyLeft = (rule: MxRule, path: Path): Limited => {
    if (rule.maxMessagesPerHour === 0) return { tokens: undefined };
    const slice = sliceOf(nowMs());
    const counter = counters.find(quotaKey(rule, path));
    const quota = sliceQuota(rule.maxMessagesPerHour, slice);
    if (counter === undefined) return quotaOf(quota, untilNextSlice(nowMs()) + 1);
    const unspent = quota - (counter.spent.get(slice) ?? 0);
    const left = unspent - carriedOver(counter, slice);
    const untilNextMs = untilNextSlice(nowMs()) + 1;
    if (left > 0) return { tokens: left };
    if (unspent > 0) return quotaOf(0, Math.min(untilNextMs, carriedRetryMs));
    return quotaOf(0, counter.outstanding.has(slice) ? Math.min(untilNextMs, refundRetryMs) : untilNextMs);
  };
  /** What every limit of a path leaves, each of its kind; the first that leaves nothing says how long to wait. */
  const limit = (rule: MxRule, path: Path, leave: ReturnType<FlowControl["judge"]>): Limited => {
    if (leave.kind === "wait") return { forMs: leave.forMs, reason: "flow" };
    const hourly = hourlyLeft(rule, path);
    if ("reason" in hourly) return hourly;
    const warm = warmUps.leave(path);
    if (warm !== undefined && warm.left <= 0) return { forMs: warm.retryMs, reason: "warmUp" };
    const all = [hourly.tokens, warm?.left, leave.kind === "limited" ? leave.messages : undefined];
    const some = all.filter((tokens) => tokens !== undefined);
    return { tokens: some.length === 0 ? undefined : Math.min(...some) };
  };
  const flowOf = (path: Path): { flow?: number } => {
    const found = flow.find(path);
    return found === undefined ? {} : { flow: found.level };
  };
  const grant = (client: string, path: Path, left: number | undefined, wanted: number): Answer => {
    if (left === undefined) return { kind: "granted", ...flowOf(path) };
    const now = nowMs();
    const slice = sliceOf(now);
    const tokens = Math.min(left, Math.max(wanted, smallestLot));
    addTokens(holdings.of(client, path), slice, tokens, tokens);
    flow.spend(path, tokens);
    return { kind: "granted", tokens, slice, sliceLeftMs: Math.floor(untilNextSlice(now)), ...flowOf(path) };
  };
  const wait = (path: Path, retryAfterMs: number, reason: WaitReason): Answer => ({
    kind: "wait",
    retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)),
    reason,
    ...flowOf(path),
  });

  const describePath = (path: Path, held: readonly Holding[] = []): ShownPath => {
    const rule = ruleOf(path);
    const now = nowMs();
    const slice = sliceOf(now);
    const counter = counters.find(quotaKey(rule, path));
    const found = flow.find(path);
    const warm = warmUps.leave(path);
    let hour = 0;
    for (const [each, tokens] of counter?.spent ?? []) if (each > slice - slicesPerHour) hour += tokens;
    return {
      key: pathKey(path),
      path,
      rule: { id: rule.id, mask: rule.mask },
      openConnections: openOn(path),
      maxConnections: rule.maxConnections,
      slice: {
        spent: (counter?.spent.get(slice) ?? 0) + (counter === undefined ? 0 : carriedOver(counter, slice)),
        limit: rule.maxMessagesPerHour === 0 ? 0 : sliceQuota(rule.maxMessagesPerHour, slice),
      },
      hour: { spent: hour, limit: rule.maxMessagesPerHour },
      tokensHeld: held.reduce((sum, { outstanding }) => sum + [...outstanding.values()].reduce((a, b) => a + b, 0), 0),
      sliceLeftMs: Math.floor(untilNextSlice(now)),
      ...(found === undefined ? {} : { flow: found }),
      ...(warm === undefined ? {} : { warmUp: { day: warm.day, sent: warm.sent, limit: warm.limit } }),
      waiting: [],
    };
  };

  return {
    connect: (client, path) => {
      const rule = ruleOf(path);
      const open = openOn(path);
      if (open >= rule.maxConnections) return wait(path, busyRetryMs, "connections");
      const left = limit(rule, path, flow.judge(path, open, rule.maxConnections));
      if ("reason" in left) return wait(path, left.forMs, left.reason);
      addConnections(holdings.of(client, path), 1);
      return { ...grant(client, path, left.tokens, smallestLot), limits: limitsOf(rule) } as Answer;
    },
    findYielder: (client, path) => {
      const key = pathKey(path);
      const openOf = (name: string): number => holdings.find(name)?.get(key)?.openConnections ?? 0;
      let most = openOf(client) + 1;
      let yielder: string | undefined;
      for (const name of holdings.clients) {
        const open = openOf(name);
        if (open <= most) continue;
        most = open;
        yielder = name;
      }
      return yielder;
    },
    grantTokens: (client, path, wanted) => {
      const left = limit(ruleOf(path), path, flow.judgeTokens(path));
      return "reason" in left ? wait(path, left.forMs, left.reason) : grant(client, path, left.tokens, wanted);
    },
    release: (client, path, unused, slice) => {
      const holding = holdings.of(client, path);
      addConnections(holding, -1);
      if (unused > 0 && slice !== undefined) addTokens(holding, slice, -unused, -unused);
    },
    refund: (client, path, unused, slice) => addTokens(holdings.of(client, path), slice, -unused, -unused),
    settle: (client, path, ended) => {
      if (ended.length === 0) return;
      const holding = holdings.of(client, path);
      for (const [slice, inTime, late] of ended) {
        const spent = Math.min(late, holding.spent.get(slice) ?? 0);
        addTokens(holding, slice, -spent, -inTime - late);
        addTokens(holding, sliceOf(nowMs()), spent, 0);
      }
    },
    takeReport: (client, { number, isLast, paths }) => {
      const slice = sliceOf(nowMs());
      for (const report of paths) {
        const holding = holdings.of(client, report.path);
        holding.reportNumber = number;
        addConnections(holding, report.openConnections - holding.openConnections);
        takeTokens(holding, report, slice, addTokens);
        if (report.flow !== undefined && report.flow < 1) flow.adopt(report.path, report.flow);
      }
      if (!isLast) return;
      for (const holding of holdings.find(client)?.values() ?? []) {
        if (holding.reportNumber === number) continue;
        // What it spent stays spent for the hour.
        addConnections(holding, -holding.openConnections);
        for (const [each, tokens] of holding.outstanding) addTokens(holding, each, 0, -tokens);
      }
    },
    forget: (client) => {
      const found = [...holdings.clients].filter((name) => name !== departed && name.startsWith(client));
      found.forEach(part);
      return found.length;
    },
    setRules: (given) => {
      rules = given;
      ruleOfPath.clear();
      counters.clear();
      holdings.each(({ path, spent, outstanding }) => {
        const key = quotaKey(ruleOf(path), path);
        for (const [slice, tokens] of spent) counters.add(key, slice, tokens, 0);
        for (const [slice, tokens] of outstanding) counters.add(key, slice, 0, tokens);
      });
    },
    restore: (rows) => {
      for (const { client, path, slice, tokens } of rows) {
        addTo(holdings.of(client, path).spent, slice, tokens);
        counters.add(quotaKey(ruleOf(path), path), slice, tokens, 0);
      }
    },
    takeChanges: () => {
      const rows = [...changed.values()].map(({ holding: { client, path, spent }, slice }) => ({
        client,
        path,
        slice,
        tokens: spent.get(slice) ?? 0,
      }));
      changed.clear();
      return rows;
    },
    listClients: () => [...holdings.clients].filter((name) => name !== departed),
    sweep: () => {
      holdings.sweep(sliceOf(nowMs()));
      counters.sweep(sliceOf(nowMs()));
      flow.sweep();
    },
    describe: () => {
      const byPath = new Map<string, Holding[]>();
      holdings.each((holding) => {
        const key = pathKey(holding.path);
        const known = byPath.get(key);
        if (known === undefined) byPath.set(key, [holding]);
        else known.push(holding);
      });
      for (const path of flow.list()) if (!byPath.has(pathKey(path))) byPath.set(pathKey(path), [holdingless(path)]);
      return [...byPath.values()].flatMap((held) => (held[0] === undefined ? [] : [describePath(held[0].path, held)]));
    },
    describePath,
    get sliceNow() {
      return sliceOf(nowMs());
    },
    summary: () => {
      const open = [...connections.values()];
      return {
        rules: rules.length,
        senders: holdings.clientCount,
        paths: open.length,
        openConnections: open.reduce((sum, count) => sum + count, 0),
      };
    },
  };
}

/** Nobody holds anything of a path that is slowed down. */
function holdingless(path: Path): Holding {
  return { client: departed, path, openConnections: 0, spent: new Map(), outstanding: new Map(), reportNumber: 0 };
}

/** Makes what is counted what the client says. What it no longer names of the last hour is given back. */
function takeTokens(
  holding: Holding,
  report: PathReport,
  slice: number,
  add: (holding: Holding, slice: number, spent: number, outstanding: number) => void,
): void {
  const spent = new Map(withinHour(report.spent, slice));
  const outstanding = new Map(withinHour(report.outstanding, slice));
  const slices = new Set([
    ...spent.keys(),
    ...outstanding.keys(),
    ...holding.spent.keys(),
    ...holding.outstanding.keys(),
  ]);
  for (const each of slices) {
    const spentBy = (spent.get(each) ?? 0) - (holding.spent.get(each) ?? 0);
    add(holding, each, spentBy, (outstanding.get(each) ?? 0) - (holding.outstanding.get(each) ?? 0));
  }
}

/** Two names of one address are one path. */
function connectionKey({ publicId, address }: Path): string {
  return `${publicId}|${address}`;
}

function quotaOf(tokens: number, forMs: number): Limited {
  return tokens > 0 ? { tokens } : { forMs, reason: "quota" };
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
