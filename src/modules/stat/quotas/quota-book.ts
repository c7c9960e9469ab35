/** Grants connections and tokens: what all senders together hold is set against every limit of a path. */

import {
  type Answer,
  type ConnectionLimits,
  type Path,
  pathKey,
  type PathNews,
  type ShownPath,
  type WaitReason,
} from "#channels/permits/permit-messages.ts";

import type { FlowControl, FlowLeave } from "../flow-control.ts";
import type { WarmUpBook } from "../warm-ups/warm-up-book.ts";
import { type Accounts, openAccounts, type SpentRow } from "./accounts.ts";
import { describePath } from "./describe-path.ts";
import type { Holding } from "./holdings.ts";
import { judgeLeave, type Leave } from "./judge-leave.ts";
import type { MxRule } from "./mx-rule.ts";
import { sliceOf, untilNextSlice } from "./slice-quota.ts";
import { type ReportLot, takeReport } from "./take-report.ts";

/** What would be granted is not written yet: it may be asked again once the changes are. */
export type Unwritten = { readonly kind: "unwritten" };

export type QuotaBook = Pick<Accounts, "setRules" | "restore" | "confirmChanges" | "listClients" | "summary"> & {
  /** Leave for one connection, with a first lot of tokens. */
  connect(client: string, path: Path): Answer | Unwritten;
  /**
   * Who should give a connection of a path back when a client waits for one: the client with most, unless that is hardly more than
   * the other has.
   */
  findYielder(client: string, path: Path): string | undefined;
  /** A further lot. */
  grantTokens(client: string, path: Path, wanted: number): Answer | Unwritten;
  /** What is to be written: what changed, with room for what was asked. */
  takeChanges(): readonly SpentRow[];
  release(client: string, path: Path, unused: number, slice?: number): void;
  /** Takes back tokens that no message used. */
  refund(client: string, path: Path, unused: number, slice: number): void;
  /** Messages of tokens came to their end; those that ended late count in the slice under way. */
  settle(client: string, path: Path, ended: PathNews["ended"]): void;
  /** Takes over what a client says that it holds; with the last lot of a report, what it did not name is gone. */
  takeReport(client: string, report: ReportLot): void;
  /** Forgets a client; what it spent stays spent. */
  forget(client: string): void;
  /** Forgets what is older than an hour. */
  sweep(): void;
  /** Every path of which something is known. */
  describe(): ShownPath[];
  describePath(path: Path): ShownPath;
  /** The slice under way. */
  readonly sliceNow: number;
};

/** A lot is never smaller where there is as much, so that a fast session does not ask for each message. */
const smallestLot = 10;
const unwritten: Unwritten = { kind: "unwritten" };
const busyRetryMs = 250;

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
  const accounts = openAccounts(warmUps);
  const { addConnections, addTokens, ruleOf } = accounts;
  const sliceNow = (): number => sliceOf(nowMs());
  const known = (path: Path) => ({
    rule: ruleOf(path),
    counter: accounts.counterOf(path),
    warmUp: warmUps.leave(path),
    nowMs: nowMs(),
  });

  const judge = (path: Path, leave: FlowLeave): Leave => judgeLeave({ ...known(path), flow: leave });
  const flowOf = (path: Path): { flow?: number } => {
    const found = flow.find(path);
    return found === undefined ? {} : { flow: found.level };
  };
  const grant = (client: string, path: Path, left: number | undefined, wanted: number): Granted | Unwritten => {
    if (left === undefined) return { kind: "granted", ...flowOf(path) };
    const now = nowMs();
    const slice = sliceOf(now);
    const lot = Math.min(left, Math.max(wanted, smallestLot));
    const holding = accounts.of(client, path);
    const tokens = Math.min(lot, accounts.roomOf(holding, slice));
    // A small rest is not worth a datagram.
    if (tokens < Math.min(lot, smallestLot)) {
      accounts.want(holding, slice, lot, left);
      return unwritten;
    }
    accounts.grant(holding, slice, tokens, left);
    flow.spend(path, tokens);
    return { kind: "granted", tokens, slice, sliceLeftMs: Math.floor(untilNextSlice(now)), ...flowOf(path) };
  };
  const wait = (path: Path, retryAfterMs: number, reason: WaitReason): Answer => ({
    kind: "wait",
    retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)),
    reason,
    ...flowOf(path),
  });
  const show = (path: Path, held: readonly Holding[] = []): ShownPath =>
    describePath({ ...known(path), path, openConnections: accounts.openOn(path), held, flow: flow.find(path) });

  return {
    connect: (client, path) => {
      const rule = ruleOf(path);
      const open = accounts.openOn(path);
      if (open >= rule.maxConnections) return wait(path, busyRetryMs, "connections");
      const left = judge(path, flow.judge(path, open, rule.maxConnections));
      if ("reason" in left) return wait(path, left.forMs, left.reason);
      const granted = grant(client, path, left.tokens, smallestLot);
      if (granted.kind === "unwritten") return granted;
      addConnections(accounts.of(client, path), 1);
      return { ...granted, limits: limitsOf(rule) };
    },
    findYielder: (client, path) => findYielder(accounts, client, path),
    grantTokens: (client, path, wanted) => {
      const left = judge(path, flow.judgeTokens(path));
      return "reason" in left ? wait(path, left.forMs, left.reason) : grant(client, path, left.tokens, wanted);
    },
    release: (client, path, unused, slice) => {
      const holding = accounts.of(client, path);
      addConnections(holding, -1);
      if (unused > 0 && slice !== undefined) addTokens(holding, slice, -unused, -unused);
    },
    refund: (client, path, unused, slice) => addTokens(accounts.of(client, path), slice, -unused, -unused),
    settle: (client, path, ended) => {
      if (ended.length === 0) return;
      const holding = accounts.of(client, path);
      for (const [slice, inTime, late] of ended) {
        const spent = Math.min(late, holding.spent.get(slice) ?? 0);
        addTokens(holding, slice, -spent, -inTime - late);
        addTokens(holding, sliceNow(), spent, 0);
      }
    },
    takeReport: (client, report) => {
      takeReport(accounts, client, report, sliceNow());
      for (const { path, flow: level } of report.paths) if (level !== undefined && level < 1) flow.adopt(path, level);
    },
    forget: (client) => accounts.close(client, sliceNow()),
    sweep: () => {
      accounts.sweep(sliceNow());
      flow.sweep();
    },
    describe: () => [...heldByPath(accounts, flow.list())].map(({ path, held }) => show(path, held)),
    describePath: (path) => show(path),
    get sliceNow() {
      return sliceNow();
    },
    setRules: accounts.setRules,
    restore: accounts.restore,
    takeChanges: () => accounts.takeChanges(sliceNow()),
    confirmChanges: accounts.confirmChanges,
    listClients: accounts.listClients,
    summary: accounts.summary,
  };
}

type Granted = Extract<Answer, { kind: "granted" }>;

function findYielder(accounts: Accounts, client: string, path: Path): string | undefined {
  const key = pathKey(path);
  const openOf = (name: string): number => accounts.find(name)?.get(key)?.openConnections ?? 0;
  let most = openOf(client) + 1;
  let yielder: string | undefined;
  for (const name of accounts.listClients()) {
    const open = openOf(name);
    if (open <= most) continue;
    most = open;
    yielder = name;
  }
  return yielder;
}

/** Paths that somebody holds something of, and those of a list. */
function heldByPath(
  accounts: Accounts,
  others: readonly Path[],
): Iterable<{ readonly path: Path; readonly held: readonly Holding[] }> {
  const paths = new Map<string, { readonly path: Path; readonly held: Holding[] }>();
  const of = (path: Path): Holding[] => {
    const key = pathKey(path);
    const entry = paths.get(key) ?? { path, held: [] };
    paths.set(key, entry);
    return entry.held;
  };
  accounts.each((holding) => void of(holding.path).push(holding));
  for (const path of others) of(path);
  return paths.values();
}

function limitsOf(rule: MxRule): ConnectionLimits {
  return {
    maxMessages: rule.maxMessagesPerConnection,
    connectionTimeoutMs: rule.connectionTimeoutSec * 1_000,
    dataTimeoutMs: rule.dataTimeoutSec * 1_000,
    otherTimeoutMs: rule.otherTimeoutSec * 1_000,
    tls: rule.tls,
  };
}
