/** The sender's side of the permit conversation: asks leave and tokens, tells what happened, and waits for a server that is away. */

import { pause } from "#foundation/clock.ts";

import { type Lot, openHeldPermits, sliceAt } from "./held-permits.ts";
import { openPathTally, splitBySize } from "./path-tally.ts";
import { openExchange } from "./permit-exchange.ts";
import {
  type Answer,
  type ConnectionLimits,
  longestDatagramBytes,
  type Overview,
  type Path,
  type PathCounts,
  type Question,
  reportIntervalMs,
  type ShownPath,
  signOfLifeMs,
  type Waiting,
} from "./permit-messages.ts";

/** Leave for a connection, or further messages on one. Without a lot the connection may carry as many as its limits say. */
export type Grant = { readonly kind: "granted"; readonly limits?: ConnectionLimits; readonly lot?: Lot };
export type Wait = Extract<Answer, { kind: "wait" }>;

export type Permits = {
  /** Asks leave for one connection; waits as long as the server cannot be reached. Undefined once the signal is aborted. */
  connect(path: Path, signal: AbortSignal): Promise<Grant | Wait | undefined>;
  /** Asks a further lot of tokens for an open connection. */
  askTokens(path: Path, wanted: number, signal: AbortSignal): Promise<Grant | Wait | undefined>;
  /** Messages that may begin now: none once the slice of a lot is over. */
  leftOf(lot: Lot): number;
  /** Takes a token for a message that begins; false when none is left, or their slice is over. */
  take(lot: Lot): boolean;
  /** The message of a token did not begin after all. */
  putBack(lot: Lot): void;
  /** The message of a token came to its end. */
  endMessage(lot: Lot): void;
  /** Counts what a server did; told within a second, and at once when it asks for less. */
  count(path: Path, counts: PathCounts): void;
  /** Gives a connection back, with the tokens that it did not use. */
  release(path: Path, lot: Lot | undefined): void;
  /** Gives back what a sender held that died; its id, or the beginning of it. */
  forget(client: string, signal: AbortSignal): Promise<void>;
  /** Has the MX rules read again. */
  reload(signal: AbortSignal): Promise<boolean>;
  /** What the server knows, one datagram of paths at a time; undefined when it does not answer in time. */
  show(after: string, signal: AbortSignal): Promise<Shown | undefined>;
  /** Says what is held, then closes; waits for the server no longer than given. */
  close(limitMs?: number): Promise<void>;
};

export type Shown = { readonly overview: Overview; readonly paths: readonly ShownPath[]; readonly isLast: boolean };

export type PermitOptions = {
  readonly address: string;
  readonly port: number;
  readonly key: Buffer;
  /** Names this sender among all. */
  readonly client: string;
  /** Told when the server stops answering, every minute while it stays away, and when it answers again. */
  readonly onReachable?: (isReachable: boolean, awayMs: number) => void;
  /** Told when another sender waits for a connection of a path where this one has most. */
  readonly onYield?: (path: Path) => void;
  /** What waits now; told to the server for those who ask it. */
  readonly describeWaits?: () => readonly Waiting[];
  readonly elapsedMs: () => number;
  readonly reportEveryMs?: number;
};

const newsEveryMs = 1_000;
/** News of a server that asks for less cannot wait so long. */
const urgentNewsMs = 50;
const mostWaitsTold = 12;
const bodyBytes = longestDatagramBytes - 2_048;
/** The answer to `show` fills a datagram at most: the question is as long. */
const padding = " ".repeat(longestDatagramBytes - 600);

/** Opens a sender's side. What is granted is counted here too, and told to the server every two minutes and whenever it was restarted. */
export function openPermits(options: PermitOptions): Permits {
  const { elapsedMs } = options;
  const held = openHeldPermits();
  const tally = openPathTally();
  const lots = new Set<Lot>();
  const ending = new AbortController();
  const underWay = new Set<Promise<unknown>>();
  let lastLot: Lot | undefined;
  let newsMs = 0;
  let hasWaits = false;
  let telling: Promise<void> | undefined;
  let urgent: NodeJS.Timeout | undefined;

  const forgetIdle = (): void =>
    held.forgetIdle(lastLot === undefined ? undefined : sliceAt(lastLot, elapsedMs()), elapsedMs());
  const exchange = openExchange({
    ...options,
    describeHeld: () => {
      forgetIdle();
      return held.describe();
    },
    signal: ending.signal,
  });
  const whileOpen = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, ending.signal]);
  const later = (question: Question, onAsk: () => void): void => {
    const asking = exchange.ask(question, ending.signal, { onAsk });
    underWay.add(asking);
    void asking.finally(() => underWay.delete(asking)).catch(() => undefined);
  };

  /** Asks for a connection or tokens; what is granted is held from the moment of the answer. */
  const askGrant = async (
    path: Path,
    question: Question,
    signal: AbortSignal,
    onGrant: () => void,
  ): Promise<Grant | Wait | "none"> => {
    const askedMs = elapsedMs();
    let result: Grant | Wait | undefined;
    await exchange.ask(question, whileOpen(signal), {
      onAnswer: (answer) => {
        if (answer.kind === "granted") {
          onGrant();
          result = takeGrant(path, answer, askedMs);
        } else result = takeWait(path, answer);
      },
    });
    return result ?? "none";
  };
  const takeGrant = (path: Path, answer: Extract<Answer, { kind: "granted" }>, askedMs: number): Grant => {
    held.noteFlow(path, answer.flow, elapsedMs());
    const limits = answer.limits === undefined ? {} : { limits: answer.limits };
    const { tokens, slice, sliceLeftMs } = answer;
    if (tokens === undefined) return { kind: "granted", ...limits };
    // Counted from the question, not from the answer: a slice ends here no later than there.
    const lot: Lot = { path, slice: slice ?? 0, endsMs: askedMs + (sliceLeftMs ?? 0), left: tokens };
    lastLot = lot;
    held.grant(lot);
    lots.add(lot);
    return { kind: "granted", ...limits, lot };
  };
  const takeWait = (path: Path, answer: Answer): Wait | undefined => {
    if (answer.kind !== "wait") return undefined;
    held.noteFlow(path, answer.flow, elapsedMs());
    return answer;
  };
  const giveBackRest = (lot: Lot): void => {
    const { path, slice, left } = lot;
    lots.delete(lot);
    lot.left = 0;
    if (left > 0) later({ kind: "refund", path, unused: left, slice }, () => held.giveBack(path, slice, left));
  };

  const tellNews = async (): Promise<void> => {
    newsMs = elapsedMs();
    const waiting = (options.describeWaits?.() ?? []).slice(0, mostWaitsTold);
    for (const [index, paths] of splitBySize(tally.take(), bodyBytes - waiting.length * 400).entries()) {
      const question: Question = { kind: "news", paths, ...(index === 0 ? { waiting } : {}) };
      const onAnswer = (answer: Answer): void => {
        if (answer.kind !== "done" || answer.slice === undefined) return;
        for (const { path, ended } of paths) if (ended.length > 0) held.settle(path, ended, answer.slice);
      };
      await exchange.ask(question, ending.signal, { onAnswer });
    }
  };
  const tell = (): Promise<void> => {
    clearTimeout(urgent);
    urgent = undefined;
    telling ??= tellNews().finally(() => {
      telling = undefined;
    });
    return telling;
  };
  /** What waits is told once more when nothing does any more. */
  const tellsWaits = (): boolean => {
    const hadWaits = hasWaits;
    hasWaits = (options.describeWaits?.() ?? []).length > 0;
    return hasWaits || hadWaits;
  };
  const tick = (): void => {
    for (const lot of lots) if (elapsedMs() >= lot.endsMs) giveBackRest(lot);
    forgetIdle();
    const isDue = elapsedMs() - newsMs >= signOfLifeMs - newsEveryMs / 2;
    if (!tally.isEmpty || (isDue && (!held.isEmpty || tellsWaits()))) void tell();
  };
  const timers = [
    setInterval(tick, newsEveryMs),
    setInterval(() => {
      if (!held.isEmpty || exchange.isIntroduced) void exchange.report();
    }, options.reportEveryMs ?? reportIntervalMs),
  ];
  for (const timer of timers) timer.unref();

  return {
    connect: async (path, signal) => {
      const answer = await askGrant(path, { kind: "connect", path }, signal, () => held.open(path));
      if (answer !== "none") return answer;
      // Without an answer the server may have granted it: told so, it knows better.
      if (!ending.signal.aborted) later({ kind: "release", path, unused: 0 }, () => undefined);
      return undefined;
    },
    askTokens: async (path, wanted, signal) => {
      const answer = await askGrant(path, { kind: "tokens", path, wanted }, signal, () => undefined);
      return answer === "none" ? undefined : answer;
    },
    leftOf: (lot) => {
      if (lot.left > 0 && elapsedMs() >= lot.endsMs) giveBackRest(lot);
      return lot.left;
    },
    take: (lot) => {
      if (lot.left <= 0) return false;
      lot.left -= 1;
      if (lot.left === 0) lots.delete(lot);
      return true;
    },
    putBack: (lot) => {
      lot.left += 1;
      lots.add(lot);
    },
    endMessage: (lot) => tally.end(lot.path, lot.slice, elapsedMs() < lot.endsMs),
    count: (path, counts) => {
      tally.count(path, counts);
      if (counts.throttled === undefined && counts.refused === undefined) return;
      urgent ??= setTimeout(() => void tell(), urgentNewsMs);
      urgent.unref();
    },
    release: (path, lot) => {
      const unused = lot?.left ?? 0;
      if (lot !== undefined) {
        lots.delete(lot);
        lot.left = 0;
      }
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
      clearTimeout(urgent);
      const tooLate = pause(limitMs, ending.signal);
      if (limitMs > 0 && exchange.isIntroduced) {
        const leaving = Promise.allSettled(underWay)
          .then(() => tell())
          .then(() => exchange.ask({ kind: "leave" }, ending.signal));
        await Promise.race([leaving, tooLate]);
      }
      ending.abort();
      await Promise.allSettled([...underWay, telling]);
      await exchange.close();
    },
  };
}
