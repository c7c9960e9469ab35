/** Questions over UDP, each repeated until it is answered; a server that was restarted is told first what is held. */

import { createSecretKey } from "node:crypto";
import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";

import { pause } from "#foundation/clock.ts";

import { splitBySize } from "./path-tally.ts";
import { readResponse, writeDatagram } from "./permit-datagrams.ts";
import {
  type Answer,
  longestDatagramBytes,
  type Path,
  type PathReport,
  type Question,
  type Response,
} from "./permit-messages.ts";

export type Exchange = {
  /**
   * Asks, and waits as long as it takes; undefined once the signal is aborted.
   * @param changes take what is asked and answered into what is held, at the moments from which on a report has to tell it
   */
  ask(question: Question, signal: AbortSignal, changes?: Changes): Promise<Answer | undefined>;
  /** Tells all that is held. */
  report(): Promise<void>;
  /** True once a server has answered. */
  readonly isIntroduced: boolean;
  close(): Promise<void>;
};

export type Changes = { readonly onAsk?: () => void; readonly onAnswer?: (answer: Answer) => void };

const firstRepeatMs = 250;
const longestRepeatMs = 2_000;
/** Questions without an answer after this many repetitions mean that the server is away. */
const repeatsUntilAway = 4;
const remindEveryMs = 60_000;
const reportBytes = longestDatagramBytes - 1_024;
/** What a report already tells: asked before it, it must not be carried out after it. */
const toldByReport: readonly string[] = ["release", "refund"];

/** Opens a socket of its own. */
export function openExchange(options: {
  readonly address: string;
  readonly port: number;
  readonly key: Buffer;
  readonly client: string;
  readonly onReachable?: (isReachable: boolean, awayMs: number) => void;
  readonly onYield?: (path: Path) => void;
  readonly elapsedMs: () => number;
  readonly describeHeld: () => PathReport[];
  /** Aborted when the sender ends. */
  readonly signal: AbortSignal;
}): Exchange {
  const { elapsedMs } = options;
  const socket = createSocket(isIPv6(options.address) ? "udp6" : "udp4");
  const key = createSecretKey(options.key);
  const waiting = new Map<number, (response: Response & { answer: Answer }) => void>();
  let sequence = 0;
  let epoch = 0;
  let lastNotice = 0;
  let reportNumber = 0;
  let awaySinceMs: number | undefined;
  let remindedMs = 0;
  let reporting: Promise<void> | undefined;
  /** Open while a report is on its way: what is held must not change between what it tells and its arrival. */
  let gate: Promise<void> | undefined;
  let underWay = 0;
  let onDrained = (): void => undefined;

  // A server that is away answers with ICMP: the repetition deals with it.
  socket.on("error", () => undefined);
  socket.on("message", (datagram) => {
    const response = readResponse(key, datagram);
    if (response?.client !== options.client) return;
    const { answer } = response;
    if (answer.kind !== "yield") return waiting.get(response.sequence)?.({ ...response, answer });
    if (response.epoch !== epoch || answer.number <= lastNotice) return undefined;
    lastNotice = answer.number;
    return options.onYield?.(answer.path);
  });
  // Bound now: the first question may have to be repeated, the socket must not fail at it.
  socket.bind(0);

  const noteAway = (): void => {
    const nowMs = elapsedMs();
    if (awaySinceMs !== undefined && nowMs - remindedMs < remindEveryMs) return;
    awaySinceMs ??= nowMs;
    remindedMs = nowMs;
    options.onReachable?.(false, nowMs - awaySinceMs);
  };
  const noteBack = (): void => {
    if (awaySinceMs === undefined) return;
    const awayMs = elapsedMs() - awaySinceMs;
    awaySinceMs = undefined;
    options.onReachable?.(true, awayMs);
  };

  /** Sends one question until it is answered. */
  const exchange = async (question: Question, signal: AbortSignal): Promise<Answer | undefined> => {
    sequence += 1;
    const own = sequence;
    const datagram = writeDatagram(key, { client: options.client, sequence: own, epoch, question });
    const answered = new AbortController();
    let answer: Answer | undefined;
    waiting.set(own, (response) => {
      if (response.answer.kind === "report_first") {
        if (response.epoch !== epoch) lastNotice = 0;
        epoch = response.epoch;
      }
      // Granted by a server that is gone, and of which the new one was told without it.
      else if (response.epoch !== epoch) return;
      answer = response.answer;
      answered.abort();
    });
    try {
      const either = AbortSignal.any([signal, answered.signal]);
      for (let repeats = 0; !either.aborted; repeats += 1) {
        socket.send(datagram, options.port, options.address, () => undefined);
        if (repeats >= repeatsUntilAway) noteAway();
        await pause(Math.min(longestRepeatMs, firstRepeatMs * 2 ** repeats), either);
      }
    } finally {
      waiting.delete(own);
    }
    if (answer !== undefined) noteBack();
    return answer;
  };

  /** The same, counted as under way: a report waits for it. */
  const exchangeCounted = async (
    question: Question,
    signal: AbortSignal,
    onAnswer?: (answer: Answer) => void,
  ): Promise<Answer | undefined> => {
    underWay += 1;
    try {
      const answer = await exchange(question, signal);
      if (answer !== undefined) onAnswer?.(answer);
      return answer;
    } finally {
      underWay -= 1;
      if (underWay === 0) onDrained();
    }
  };
  const drained = (signal: AbortSignal): Promise<void> =>
    underWay === 0 ? Promise.resolve() : orAborted(new Promise<void>((resolve) => (onDrained = resolve)), signal);

  /** Says all that is held; begins anew when the server is restarted meanwhile. */
  const sendReport = async (isDemanded: boolean): Promise<void> => {
    const { signal } = options;
    // A server that demands it carries out nothing that was asked before: only a report of our own accord waits for what is under way.
    if (!isDemanded) await drained(signal);
    for (let isTold = false; !isTold && !signal.aborted; ) {
      reportNumber += 1;
      const number = reportNumber;
      const lots = splitBySize(options.describeHeld(), reportBytes);
      isTold = true;
      for (const [index, paths] of lots.entries()) {
        const answer = await exchange({ kind: "report", number, isLast: index === lots.length - 1, paths }, signal);
        if (answer?.kind === "done") continue;
        isTold = false;
        break;
      }
    }
  };
  /** Questions that meet a restarted server at the same time share one report. */
  const report = (isDemanded: boolean): Promise<void> => {
    reporting ??= sendReport(isDemanded).finally(() => {
      reporting = undefined;
      gate = undefined;
    });
    gate ??= reporting;
    return reporting;
  };

  return {
    ask: async (question, signal, changes) => {
      for (let closed = gate; closed !== undefined && !signal.aborted; closed = gate) await orAborted(closed, signal);
      changes?.onAsk?.();
      for (;;) {
        const answer = await exchangeCounted(question, signal, changes?.onAnswer);
        if (answer?.kind !== "report_first") return answer;
        await orAborted(report(true), signal);
        if (signal.aborted) return undefined;
        if (toldByReport.includes(question.kind)) return { kind: "done" };
      }
    },
    report: () => report(false),
    get isIntroduced() {
      return epoch !== 0;
    },
    close: () =>
      new Promise((resolve) => {
        socket.close(() => resolve());
      }),
  };
}

function orAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      signal.removeEventListener("abort", finish);
      resolve();
    };
    signal.addEventListener("abort", finish, { once: true });
    void work.then(finish, finish);
  });
}
