/**
 * Slows a path down when its server asks for less, for all senders at once, and lets it come back slowly.
 * Halved at most every 2 s while servers answer 421 or 4.7.x or refuse connections, an eighth of it where that is most of what they do,
 * down to one session with one message at a time;
 * then a thirtieth of the full rate more for each 4 s in which messages are taken: two minutes to the full rate.
 */

import type { Path, PathCounts } from "#channels/permits/permit-messages.ts";
import { forgetOldest } from "#foundation/forget-oldest.ts";

export type FlowControl = {
  /** Takes in what happened; answers the change to tell of, if there is one. */
  note(path: Path, counts: PathCounts): FlowChange | undefined;
  /** What the path stands now. */
  judge(path: Path, openConnections: number, maxConnections: number): FlowLeave;
  /** Further messages on an open connection. */
  judgeTokens(path: Path): FlowLeave;
  /** Messages were granted, for a new connection or an open one. */
  spend(path: Path, messages: number): void;
  /** What a sender heard from the server before this one. */
  adopt(path: Path, level: number): void;
  /** The share of the full rate, for paths below it. */
  find(path: Path): { readonly level: number; readonly nextProbeMs: number; readonly sinceMs: number } | undefined;
  /** The paths below their full rate. */
  list(): Path[];
  /** Forgets what nobody asked for in a while. */
  sweep(): void;
  readonly size: number;
};

export type FlowChange = { readonly kind: "slowed" | "probing" | "restored"; readonly level: number };

export type FlowLeave =
  | { readonly kind: "free" }
  | { readonly kind: "limited"; readonly messages: number }
  | { readonly kind: "wait"; readonly forMs: number };

type Rate = { good: number; bad: number; badLong: number; perSec: number; atMs: number };
type Flow = {
  readonly path: Path;
  level: number;
  readonly sinceMs: number;
  /** Messages in a second at the full rate. */
  readonly fullPerSec: number;
  lastDownMs: number;
  lastUpMs: number;
  nextProbeMs: number;
  probeWaitMs: number;
  /** Messages that may be granted now. */
  bucket: number;
  bucketMs: number;
};

const lowestLevel = 1 / 64;
/** Up to here only one session at a time is let through, and only so often. */
const probingLevel = 1 / 32;
const downEveryMs = 2_000;
const upEveryMs = 4_000;
const upStep = 1 / 30;
const firstProbeMs = 2_000;
const longestProbeMs = 15_000;
/** So many refusals within half a minute, and a tenth of what the last seconds brought. */
const fewestBad = 3;
const badShare = 0.1;
const shortMs = 3_000;
const longMs = 30_000;
const forgetMs = 600_000;
const mostPaths = 100_000;
/** A path that was never seen busy is taken to stand one message a second on each connection. */
const slowestFullPerSec = 10;

/** Opens a control under which every path is free. */
export function openFlowControl(nowMs: () => number): FlowControl {
  const rates = new Map<string, Rate>();
  const flows = new Map<string, Flow>();

  const rateOf = (key: string): Rate => {
    const now = nowMs();
    const rate = rates.get(key) ?? { good: 0, bad: 0, badLong: 0, perSec: 0, atMs: now };
    const short = Math.exp((rate.atMs - now) / shortMs);
    rate.good *= short;
    rate.bad *= short;
    rate.badLong *= Math.exp((rate.atMs - now) / longMs);
    rate.perSec *= Math.exp((rate.atMs - now) / longMs);
    rate.atMs = now;
    keepLatest(rates, key, rate);
    return rate;
  };
  const beginFlow = (key: string, path: Path, level: number, perSec: number): Flow => {
    const now = nowMs();
    const flow: Flow = {
      path,
      level,
      sinceMs: now,
      fullPerSec: Math.max(slowestFullPerSec, perSec),
      lastDownMs: now,
      lastUpMs: now,
      nextProbeMs: now,
      probeWaitMs: firstProbeMs,
      bucket: 0,
      bucketMs: now,
    };
    keepLatest(flows, key, flow);
    return flow;
  };
  const slow = (flow: Flow, rate: Rate): FlowChange | undefined => {
    const now = nowMs();
    const wasProbing = flow.level <= probingLevel;
    // Each refused probe makes the next one rarer.
    if (wasProbing) flow.probeWaitMs = Math.min(longestProbeMs, flow.probeWaitMs * 2);
    flow.nextProbeMs = now + flow.probeWaitMs;
    if (now - flow.lastDownMs < downEveryMs) return undefined;
    flow.level = Math.max(lowestLevel, flow.level / stepDown(rate));
    flow.lastDownMs = now;
    flow.lastUpMs = now;
    flow.bucket = 0;
    return !wasProbing && flow.level <= probingLevel ? { kind: "probing", level: flow.level } : undefined;
  };
  const quicken = (key: string, flow: Flow): FlowChange | undefined => {
    const now = nowMs();
    flow.probeWaitMs = firstProbeMs;
    flow.nextProbeMs = now;
    if (now - flow.lastUpMs < upEveryMs) return undefined;
    flow.level += upStep;
    flow.lastUpMs = now;
    if (flow.level < 1) return undefined;
    flows.delete(key);
    return { kind: "restored", level: 1 };
  };
  const fill = (flow: Flow): number => {
    const now = nowMs();
    const perSec = flow.level * flow.fullPerSec;
    // A second's worth may be sent at once; at least the one message of a probe.
    flow.bucket = Math.min(Math.max(1, perSec), flow.bucket + ((now - flow.bucketMs) / 1_000) * perSec);
    flow.bucketMs = now;
    return perSec;
  };
  const leave = (flow: Flow): FlowLeave => {
    const perSec = fill(flow);
    if (flow.bucket >= 1) return { kind: "limited", messages: Math.floor(flow.bucket) };
    return { kind: "wait", forMs: Math.ceil(((1 - flow.bucket) / perSec) * 1_000) };
  };

  return {
    note: (path, counts) => {
      const key = flowKey(path);
      const rate = rateOf(key);
      const bad = countBad(counts);
      const good = counts.accepted ?? 0;
      rate.good += good;
      rate.bad += bad;
      rate.badLong += bad;
      rate.perSec += good / (longMs / 1_000);
      const isTooMuch = rate.bad >= badShare * rate.good;
      const flow = flows.get(key);
      if (bad > 0 && isTooMuch && flow !== undefined) return slow(flow, rate);
      if (bad > 0 && isTooMuch && rate.badLong >= fewestBad) {
        const level = 1 / stepDown(rate);
        beginFlow(key, path, level, rate.perSec);
        return { kind: "slowed", level };
      }
      return good > 0 && flow !== undefined && !(bad > badShare * good) ? quicken(key, flow) : undefined;
    },
    judge: (path, openConnections, maxConnections) => {
      const flow = flows.get(flowKey(path));
      if (flow === undefined) return { kind: "free" };
      const now = nowMs();
      const most = flow.level <= probingLevel ? 1 : Math.max(1, Math.floor(flow.level * maxConnections));
      if (openConnections >= most) return { kind: "wait", forMs: 1_000 };
      if (flow.level > probingLevel) return leave(flow);
      if (now < flow.nextProbeMs) return { kind: "wait", forMs: flow.nextProbeMs - now };
      return { kind: "limited", messages: 1 };
    },
    judgeTokens: (path) => {
      const flow = flows.get(flowKey(path));
      return flow === undefined ? { kind: "free" } : leave(flow);
    },
    spend: (path, messages) => {
      const flow = flows.get(flowKey(path));
      if (flow === undefined) return;
      flow.bucket = Math.max(0, flow.bucket - messages);
      flow.nextProbeMs = nowMs() + flow.probeWaitMs;
    },
    adopt: (path, level) => {
      const key = flowKey(path);
      const known = flows.get(key);
      if (known === undefined) beginFlow(key, path, Math.max(lowestLevel, level), 0);
      else known.level = Math.min(known.level, Math.max(lowestLevel, level));
    },
    find: (path) => {
      const flow = flows.get(flowKey(path));
      if (flow === undefined) return undefined;
      const { level, sinceMs, nextProbeMs } = flow;
      return { level, sinceMs: nowMs() - sinceMs, nextProbeMs: Math.max(0, nextProbeMs - nowMs()) };
    },
    list: () => [...flows.values()].map(({ path }) => path),
    sweep: () => {
      const now = nowMs();
      for (const [key, { atMs }] of rates) if (now - atMs > longMs * 4) rates.delete(key);
      for (const [key, { lastDownMs, lastUpMs, nextProbeMs }] of flows)
        if (now - Math.max(lastDownMs, lastUpMs, nextProbeMs) > forgetMs) flows.delete(key);
    },
    get size() {
      return flows.size;
    },
  };
}

function stepDown({ good, bad }: Rate): number {
  return bad > good ? 8 : 2;
}

/** What speaks against sending as fast: answers that ask for less, and connections that were not made. */
function countBad({ throttled = 0, refused = 0, failed = 0, timeouts = 0 }: PathCounts): number {
  return throttled + refused + failed + timeouts;
}

/** Two names of one address are one path. */
function flowKey({ publicId, address }: Path): string {
  return `${publicId}|${address}`;
}

function keepLatest<T>(entries: Map<string, T>, key: string, value: T): void {
  entries.delete(key);
  entries.set(key, value);
  forgetOldest(entries, mostPaths);
}
