/**
 * Reads a question as it came over the wire. It is signed, but by a sender of another host, which may be of another version: a number
 * that is none must not end up in a counter.
 */

import type { BySlice, Path, PathCounts, PathNews, PathReport, Question, Waiting } from "./permit-messages.ts";

/** A connection never carries more, and no lot is greater. */
const mostTokens = 1_000_000;
const longestName = 300;
const mostListed = 500;

/** The question, or undefined when it is none that we know, or not whole. */
export function parseQuestion(raw: unknown): Question | undefined {
  if (!isRecord(raw)) return undefined;
  switch (raw["kind"]) {
    case "connect":
      return withPath(raw, (path) => ({ kind: "connect", path }));
    case "tokens": {
      const { wanted } = raw;
      return isCount(wanted) ? withPath(raw, (path) => ({ kind: "tokens", path, wanted })) : undefined;
    }
    case "release": {
      const { unused, slice } = raw;
      if (!isCount(unused) || !(slice === undefined || isCount(slice))) return undefined;
      return withPath(raw, (path) => ({ kind: "release", path, unused, ...(slice === undefined ? {} : { slice }) }));
    }
    case "refund": {
      const { unused, slice } = raw;
      return isCount(unused) && isCount(slice)
        ? withPath(raw, (path) => ({ kind: "refund", path, unused, slice }))
        : undefined;
    }
    case "news":
      return parseNews(raw);
    case "report":
      return parseReport(raw);
    case "forget":
      return isName(raw["client"]) && raw["client"] !== "" ? { kind: "forget", client: raw["client"] } : undefined;
    case "show":
      return isName(raw["after"]) ? { kind: "show", after: raw["after"], padding: "" } : undefined;
    case "leave":
    case "reload":
      return { kind: raw["kind"] };
    default:
      return undefined;
  }
}

function parseNews({ paths, waiting }: Record<string, unknown>): Question | undefined {
  const parsed = parseAll(paths, parsePathNews);
  const waits = waiting === undefined ? undefined : parseAll(waiting, parseWaiting);
  if (parsed === undefined || (waiting !== undefined && waits === undefined)) return undefined;
  return { kind: "news", paths: parsed, ...(waits === undefined ? {} : { waiting: waits }) };
}

function parseReport({ number, isLast, paths }: Record<string, unknown>): Question | undefined {
  const parsed = parseAll(paths, parsePathReport);
  return isCount(number) && typeof isLast === "boolean" && parsed !== undefined
    ? { kind: "report", number, isLast, paths: parsed }
    : undefined;
}

function parsePathReport(raw: Record<string, unknown>): PathReport | undefined {
  const path = parsePath(raw["path"]);
  const { openConnections, flow } = raw;
  const spent = parseBySlice(raw["spent"]);
  const outstanding = parseBySlice(raw["outstanding"]);
  const isFlow = flow === undefined || (typeof flow === "number" && flow > 0 && flow <= 1);
  if (path === undefined || !isCount(openConnections) || spent === undefined || outstanding === undefined || !isFlow)
    return undefined;
  return { path, openConnections, spent, outstanding, ...(typeof flow === "number" ? { flow } : {}) };
}

const countNames = [
  "connections",
  "accepted",
  "messageErrors",
  "throttled",
  "failed",
  "refused",
  "timeouts",
  "aborted",
] as const satisfies readonly (keyof PathCounts)[];

function parsePathNews(raw: Record<string, unknown>): PathNews | undefined {
  const path = parsePath(raw["path"]);
  const given = raw["counts"];
  const { ended } = raw;
  if (path === undefined || !isRecord(given) || !Array.isArray(ended) || !ended.every(isTriple)) return undefined;
  const counts: PathCounts = {};
  for (const name of countNames) {
    const count = given[name];
    if (count === undefined) continue;
    if (!isCount(count)) return undefined;
    counts[name] = count;
  }
  return { path, counts, ended };
}

const waitReasons: readonly string[] = [
  "connections",
  "quota",
  "flow",
  "warmUp",
  "starting",
  "database",
  "unreachable",
  "room",
] satisfies readonly Waiting["reason"][];

function parseWaiting(raw: Record<string, unknown>): Waiting | undefined {
  const { destination, messages, reason, sinceMs, forMs } = raw;
  const path = parsePath(raw["path"]);
  const isWhole =
    isName(destination) &&
    (raw["path"] === undefined || path !== undefined) &&
    isCount(messages) &&
    typeof reason === "string" &&
    waitReasons.includes(reason) &&
    isCount(sinceMs) &&
    isCount(forMs);
  if (!isWhole) return undefined;
  const known = reason as Waiting["reason"];
  return { destination, ...(path === undefined ? {} : { path }), messages, reason: known, sinceMs, forMs };
}

function parsePath(raw: unknown): Path | undefined {
  if (!isRecord(raw)) return undefined;
  const { host, address, publicId } = raw;
  return isName(host) && isName(address) && isCount(publicId) ? { host, address, publicId } : undefined;
}

function withPath(raw: Record<string, unknown>, make: (path: Path) => Question): Question | undefined {
  const path = parsePath(raw["path"]);
  return path === undefined ? undefined : make(path);
}

function parseBySlice(raw: unknown): BySlice | undefined {
  const isPair = (item: unknown): item is readonly [number, number] =>
    Array.isArray(item) && item.length === 2 && item.every(isCount);
  return Array.isArray(raw) && raw.length <= mostListed && raw.every(isPair) ? raw : undefined;
}

function isTriple(item: unknown): item is readonly [number, number, number] {
  return Array.isArray(item) && item.length === 3 && item.every(isCount);
}

function parseAll<T>(raw: unknown, parse: (item: Record<string, unknown>) => T | undefined): T[] | undefined {
  if (!Array.isArray(raw) || raw.length > mostListed) return undefined;
  const parsed: T[] = [];
  for (const item of raw) {
    const one = isRecord(item) ? parse(item) : undefined;
    if (one === undefined) return undefined;
    parsed.push(one);
  }
  return parsed;
}

function isRecord(raw: unknown): raw is Record<string, unknown> {
  return typeof raw === "object" && raw !== null && !Array.isArray(raw);
}

function isName(raw: unknown): raw is string {
  return typeof raw === "string" && raw.length <= longestName;
}

/** Slices are numbers of seven digits; everything else is counted, and never that many. */
function isCount(raw: unknown): raw is number {
  return Number.isInteger(raw) && Number(raw) >= 0 && Number(raw) <= mostTokens * 1_000;
}
