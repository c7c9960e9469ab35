/** The sender's side of the permit conversation: asks leave and tokens, tells what happened, and waits for a server that is away. */

import { pause } from "#foundation/clock.ts";

import { openConnectionLease } from "./connection-lease.ts";
import { type Lot, openHeldPermits } from "./held-permits.ts";
import { openExchange } from "./permit-exchange.ts";
import { openLots, type PermitLots } from "./permit-lots.ts";
import {
  type Answer,
  type ConnectionLimits,
  longestDatagramBytes,
  type Overview,
  type Path,
  type Question,
  reportIntervalMs,
  type ShownPath,
  type Waiting,
} from "./permit-messages.ts";
import { newsEveryMs, openNews, type PermitNews } from "./permit-news.ts";
import type { PermitSender } from "./permit-questions.ts";

/** Leave for a connection, or further messages on one. Without a lot the connection may carry as many as its limits say. */
export type Grant = { readonly kind: "granted"; readonly limits?: ConnectionLimits; readonly lot?: Lot };
export type Wait = Extract<Answer, { kind: "wait" }>;

export type Permits = Pick<PermitLots, "leftOf" | "take" | "putBack"> &
  Pick<PermitNews, "endMessage" | "count"> & {
    /** Asks leave for one connection; waits as long as the server cannot be reached. Undefined once the signal is aborted. */
    connect(path: Path, signal: AbortSignal): Promise<Grant | Wait | undefined>;
    /** Asks a further lot of tokens for an open connection; undefined as well when the connection must end. */
    askTokens(path: Path, wanted: number, signal: AbortSignal): Promise<Grant | Wait | undefined>;
    /**
     * True while no server has said for so long that it grants that another one may have taken over: connections are to end after the
     * message under way (`connectionLeaseMs`). Those that only wait are asked for by `onYield`.
     */
    readonly isLeaseOver: boolean;
    /** Gives a connection back, with the tokens that it did not use. */
    release(path: Path, lot: Lot | undefined): void;
    /** Gives back what a sender held that died. */
    forget(client: string, signal: AbortSignal): Promise<void>;
    /** Has the MX rules read again. */
    reload(signal: AbortSignal): Promise<boolean>;
    /** What the server knows, one datagram of paths at a time; undefined when it does not answer in time. */
    show(after: string, signal: AbortSignal): Promise<Shown | undefined>;
    /** Says what is held, then closes; waits for the server no longer than given. */
    close(limitMs?: number): Promise<void>;
  };

export type Shown = { readonly overview: Overview; readonly paths: readonly ShownPath[]; readonly isLast: boolean };

export type PermitOptions = PermitSender & {
  /** What waits now; told to the server for those who ask it. */
  readonly describeWaits?: () => readonly Waiting[];
  readonly reportEveryMs?: number;
};

/** The answer to `show` fills a datagram at most: the question is as long. */
const padding = " ".repeat(longestDatagramBytes - 600);

/** Opens a sender's side. What is granted is counted here too, and told to the server every two minutes and whenever it was restarted. */
export function openPermits(options: PermitOptions): Permits {
  const { elapsedMs } = options;
  const ending = new AbortController();
  const whileOpen = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, ending.signal]);
  const underWay = new Set<Promise<unknown>>();
  /** Tells without being waited for. */
  const later = (question: Question, onAsk: () => void): void => {
    const asking = exchange.ask(question, ending.signal, { onAsk });
    underWay.add(asking);
    void asking.finally(() => underWay.delete(asking)).catch(() => undefined);
  };

  const held = openHeldPermits();
  const lease = openConnectionLease(elapsedMs);
  const lots = openLots({
    held,
    elapsedMs,
    giveBack: ({ path, slice }, unused) =>
      later({ kind: "refund", path, unused, slice }, () => held.giveBack(path, slice, unused)),
  });
  const forgetIdle = (): void => held.forgetIdle(lots.sliceNow(), elapsedMs());
  const exchange = openExchange({
    ...options,
    onWord: lease.renew,
    describeHeld: () => {
      forgetIdle();
      return held.describe();
    },
    signal: ending.signal,
  });
  const { describeWaits } = options;
  const news = openNews({ exchange, held, describeWaits, elapsedMs, signal: ending.signal });

  /** Asks for a connection or tokens; what is granted is held from the moment of the answer. */
  const askGrant = async (
    path: Path,
    question: Question,
    signal: AbortSignal,
    onGrant: () => void,
  ): Promise<Grant | Wait | undefined> => {
    const askedMs = elapsedMs();
    let result: Grant | Wait | undefined;
    await exchange.ask(question, whileOpen(signal), {
      onAnswer: (answer) => {
        if (answer.kind !== "granted" && answer.kind !== "wait") return;
        held.noteFlow(path, answer.flow, elapsedMs());
        if (answer.kind === "granted") onGrant();
        result = answer.kind === "granted" ? takeGrant(path, answer, askedMs) : answer;
      },
    });
    return result;
  };
  const takeGrant = (path: Path, answer: Extract<Answer, { kind: "granted" }>, askedMs: number): Grant => {
    const limits = answer.limits === undefined ? {} : { limits: answer.limits };
    const { tokens, slice, sliceLeftMs } = answer;
    if (tokens === undefined) return { kind: "granted", ...limits };
    // Counted from the question, not from the answer: a slice ends here no later than there.
    const lot: Lot = { path, slice: slice ?? 0, endsMs: askedMs + (sliceLeftMs ?? 0), left: tokens };
    lots.add(lot);
    return { kind: "granted", ...limits, lot };
  };

  const tick = (): void => {
    lots.sweep();
    forgetIdle();
    news.tellIfDue();
    if (lease.look()) for (const path of held.listOpen()) options.onYield?.(path);
  };
  const report = (): void => {
    if (!held.isEmpty || exchange.isIntroduced) void exchange.report();
  };
  const timers = [setInterval(tick, newsEveryMs), setInterval(report, options.reportEveryMs ?? reportIntervalMs)];
  for (const timer of timers) timer.unref();

  return {
    connect: async (path, signal) => {
      const answer = await askGrant(path, { kind: "connect", path }, signal, () => held.open(path));
      // Without an answer the server may have granted it: told so, it knows better.
      if (answer === undefined && !ending.signal.aborted) later({ kind: "release", path, unused: 0 }, () => undefined);
      return answer;
    },
    askTokens: (path, wanted, signal) => {
      // Not waited for by a connection that must end.
      const either = AbortSignal.any([signal, lease.signal]);
      return askGrant(path, { kind: "tokens", path, wanted }, either, () => undefined);
    },
    get isLeaseOver() {
      return lease.isOver;
    },
    leftOf: lots.leftOf,
    take: lots.take,
    putBack: lots.putBack,
    endMessage: news.endMessage,
    count: news.count,
    release: (path, lot) => {
      const unused = lot === undefined ? 0 : lots.empty(lot);
      const slice = lot === undefined ? {} : { slice: lot.slice };
      later({ kind: "release", path, unused, ...slice }, () => {
        held.close(path);
        if (lot !== undefined) held.giveBack(path, lot.slice, unused);
      });
    },
    forget: async (client, signal) => {
      await exchange.ask({ kind: "forget", client }, whileOpen(signal));
    },
    reload: async (signal) => (await exchange.ask({ kind: "reload" }, whileOpen(signal)))?.kind === "done",
    show: async (after, signal) => {
      const answer = await exchange.ask({ kind: "show", after, padding }, whileOpen(signal));
      return answer?.kind === "shown" ? answer : undefined;
    },
    close: async (limitMs = 1_000) => {
      if (ending.signal.aborted) return;
      timers.forEach(clearInterval);
      news.stop();
      const tooLate = pause(limitMs, ending.signal);
      if (limitMs > 0 && exchange.isIntroduced) {
        const leaving = Promise.allSettled(underWay)
          .then(() => news.tell())
          .then(() => exchange.ask({ kind: "leave" }, ending.signal));
        await Promise.race([leaving, tooLate]);
      }
      ending.abort();
      await Promise.allSettled([...underWay, news.telling]);
      await exchange.close();
    },
  };
}
