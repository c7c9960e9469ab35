/** The conversation between senders and the statistics server: questions and answers over UDP, each repeated until it is answered. */

import { createSecretKey } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";

import { pause } from "#foundation/clock.ts";

import {
  type Answer,
  longestDatagramBytes,
  type Path,
  type PathReport,
  pathKey,
  type Question,
  readResponse,
  reportIntervalMs,
  sliceMs,
  slicesPerHour,
  writeDatagram,
} from "./permit-messages.ts";

export type Granted = Extract<Answer, { kind: "granted" }>;
export type Wait = Extract<Answer, { kind: "wait" }>;

export type Permits = {
  /** Asks leave for one connection; waits as long as the server cannot be reached. Undefined once the signal is aborted. */
  connect(path: Path, signal: AbortSignal): Promise<Granted | Wait | undefined>;
  /** Asks a further lot of tokens for an open connection. */
  askTokens(path: Path, wanted: number, signal: AbortSignal): Promise<Granted | Wait | undefined>;
  /** Gives a connection back, with the tokens that it did not use. */
  release(path: Path, unused: number): void;
  /** Gives back what a sender held that died; its id, or the beginning of it. */
  forget(client: string, signal: AbortSignal): Promise<void>;
  /** Has the MX rules read again. */
  reload(signal: AbortSignal): Promise<boolean>;
  /** Says what is held, then closes; waits for the server no longer than given. */
  close(limitMs?: number): Promise<void>;
};

export type PermitOptions = {
  readonly address: string;
  readonly port: number;
  readonly key: Buffer;
  /** Names this sender among all. */
  readonly client: string;
  /** Told once when the server stops answering, and once when it answers again. */
  readonly onReachable?: (isReachable: boolean) => void;
  /** Told when another sender waits for a connection of a path where this one has most. */
  readonly onYield?: (path: Path) => void;
  readonly elapsedMs: () => number;
  readonly reportEveryMs?: number;
};

type Held = { readonly path: Path; openConnections: number; spent: Map<number, number> };

const firstRepeatMs = 250;
const longestRepeatMs = 2_000;
/** Questions without an answer after this many repetitions mean that the server is away. */
const repeatsUntilAway = 4;

/**
 * Opens a sender's side. What is held is counted here too, and told to the server every two minutes and whenever it
 * was restarted.
 */
export function openPermits(options: PermitOptions): Permits {
  const socket = createSocket(isIPv6(options.address) ? "udp6" : "udp4");
  const key = createSecretKey(options.key);
  const waiting = new Map<number, (response: { epoch: number; answer: Answer }) => void>();
  const held = new Map<string, Held>();
  const ending = new AbortController();
  let sequence = 0;
  let epoch = 0;
  let reportNumber = 0;
  let isReachable = true;
  let reporting: Promise<void> | undefined;
  const releases = new Set<Promise<unknown>>();

  // A server that is away answers with ICMP: the repetition deals with it.
  socket.on("error", () => undefined);
  socket.on("message", (datagram) => {
    const response = readResponse(key, datagram);
    if (response?.client !== options.client) return;
    const { answer } = response;
    if (answer.kind !== "yield") waiting.get(response.sequence)?.({ epoch: response.epoch, answer });
    else if (response.epoch === epoch) options.onYield?.(answer.path);
  });
  // Bound now: the first question may have to be repeated, the socket must not fail at it.
  socket.bind(0);

  const noteReachable = (now: boolean): void => {
    if (now === isReachable) return;
    isReachable = now;
    options.onReachable?.(now);
  };

  /** Sends one question until it is answered. */
  const exchange = async (question: Question, signal: AbortSignal): Promise<Answer | undefined> => {
    sequence += 1;
    const own = sequence;
    const datagram = writeDatagram(key, { client: options.client, sequence: own, epoch, question });
    const answered = new AbortController();
    let answer: Answer | undefined;
    waiting.set(own, (response) => {
      epoch = response.epoch;
      answer = response.answer;
      answered.abort();
    });
    try {
      for (let repeats = 0; !answered.signal.aborted && !signal.aborted; repeats += 1) {
        socket.send(datagram, options.port, options.address, () => undefined);
        if (repeats === repeatsUntilAway) noteReachable(false);
        await pause(
          Math.min(longestRepeatMs, firstRepeatMs * 2 ** repeats),
          AbortSignal.any([signal, answered.signal]),
        );
      }
    } finally {
      waiting.delete(own);
    }
    if (answer !== undefined) noteReachable(true);
    return answer;
  };

  const ask = async (question: Question, signal: AbortSignal): Promise<Answer | undefined> => {
    for (;;) {
      const answer = await exchange(question, signal);
      if (answer?.kind !== "report_first") return answer;
      await report(signal);
      if (signal.aborted) return undefined;
      // The report is of now: what is given back is no longer in it.
      if (question.kind === "release") return { kind: "done" };
    }
  };

  /** Says all that is held; begins anew when the server is restarted meanwhile. */
  const sendReport = async (signal: AbortSignal): Promise<void> => {
    for (let isTold = false; !isTold && !signal.aborted; ) {
      reportNumber += 1;
      const number = reportNumber;
      const lots = splitReport([...held.values()].map((entry) => describeHeld(entry, currentSlice())));
      isTold = true;
      for (const [index, paths] of lots.entries()) {
        const answer = await exchange({ kind: "report", number, isLast: index === lots.length - 1, paths }, signal);
        if (answer?.kind === "done") continue;
        isTold = false;
        break;
      }
    }
    forgetIdle(held, currentSlice());
  };
  /** Questions that meet a restarted server at the same time share one report. */
  const report = (signal: AbortSignal): Promise<void> => {
    reporting ??= sendReport(signal).finally(() => {
      reporting = undefined;
    });
    return reporting;
  };
  const reportTimer = setInterval(() => void report(ending.signal), options.reportEveryMs ?? reportIntervalMs);
  reportTimer.unref();

  const currentSlice = (): number => Math.floor(options.elapsedMs() / sliceMs);
  const heldOf = (path: Path): Held => {
    const key = pathKey(path);
    const entry = held.get(key) ?? { path, openConnections: 0, spent: new Map<number, number>() };
    held.set(key, entry);
    return entry;
  };
  const spend = (entry: Held, tokens: number): void => {
    const slice = currentSlice();
    entry.spent.set(slice, Math.max(0, (entry.spent.get(slice) ?? 0) + tokens));
  };

  return {
    connect: async (path, signal) => {
      const answer = await ask({ kind: "connect", path }, AbortSignal.any([signal, ending.signal]));
      if (answer?.kind === "granted") {
        const entry = heldOf(path);
        entry.openConnections += 1;
        spend(entry, answer.tokens ?? 0);
        return answer;
      }
      // Without an answer the server may have granted it: told so, it knows better.
      if (answer === undefined && !ending.signal.aborted)
        void track(releases, ask({ kind: "release", path, unused: 0 }, ending.signal));
      return answer?.kind === "wait" ? answer : undefined;
    },
    askTokens: async (path, wanted, signal) => {
      const answer = await ask({ kind: "tokens", path, wanted }, AbortSignal.any([signal, ending.signal]));
      if (answer?.kind === "granted") {
        spend(heldOf(path), answer.tokens ?? 0);
        return answer;
      }
      return answer?.kind === "wait" ? answer : undefined;
    },
    release: (path, unused) => {
      const entry = heldOf(path);
      entry.openConnections = Math.max(0, entry.openConnections - 1);
      spend(entry, -unused);
      void track(releases, ask({ kind: "release", path, unused }, ending.signal));
    },
    forget: async (client, signal) => {
      await ask({ kind: "forget", client }, AbortSignal.any([signal, ending.signal]));
    },
    reload: async (signal) =>
      (await ask({ kind: "reload" }, AbortSignal.any([signal, ending.signal])))?.kind === "done",
    close: async (limitMs = 1_000) => {
      clearInterval(reportTimer);
      await Promise.race([Promise.allSettled(releases), pause(limitMs, ending.signal)]);
      ending.abort();
      await Promise.allSettled(releases);
      await closeSocket(socket);
    },
  };
}

function track<T>(set: Set<Promise<unknown>>, work: Promise<T>): Promise<T> {
  set.add(work);
  void work.finally(() => set.delete(work)).catch(() => undefined);
  return work;
}

function describeHeld(entry: Held, slice: number): PathReport {
  const spent = Array.from({ length: slicesPerHour }, (_, age) => entry.spent.get(slice - age) ?? 0);
  return { path: entry.path, openConnections: entry.openConnections, spent };
}

/** Forgets slices of more than an hour ago, and paths that nothing is known of any more. */
function forgetIdle(held: Map<string, Held>, slice: number): void {
  for (const [key, entry] of held) {
    for (const spentIn of entry.spent.keys()) if (spentIn <= slice - slicesPerHour) entry.spent.delete(spentIn);
    const isIdle = entry.openConnections === 0 && [...entry.spent.values()].every((tokens) => tokens === 0);
    if (isIdle) held.delete(key);
  }
}

/** Reports in lots that fit a datagram; at least one, so that an empty report is a report. */
function splitReport(paths: readonly PathReport[]): PathReport[][] {
  const lots: PathReport[][] = [[]];
  let bytes = 0;
  for (const path of paths) {
    const size = Buffer.byteLength(JSON.stringify(path)) + 1;
    if (bytes + size > longestDatagramBytes - 1_024) {
      lots.push([]);
      bytes = 0;
    }
    bytes += size;
    lots.at(-1)?.push(path);
  }
  return lots;
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.close(() => resolve());
  });
}
