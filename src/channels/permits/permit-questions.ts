/** Questions over UDP, each repeated until it is answered; says when the server is away, and when it is back. */

import { createSecretKey } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";

import { pause } from "#foundation/clock.ts";

import { readResponse, writeDatagram } from "./permit-datagrams.ts";
import type { Answer, Path, Question, Response } from "./permit-messages.ts";

/** Who asks, and where. */
export type PermitSender = {
  readonly address: string;
  readonly port: number;
  readonly key: Buffer;
  /** Names this sender among all. */
  readonly client: string;
  /** Told when the server stops answering, every minute while it stays away, and when it answers again. */
  readonly onReachable?: (isReachable: boolean, awayMs: number) => void;
  /** Told when another sender waits for a connection of a path where this one has most. */
  readonly onYield?: (path: Path) => void;
  /** Told of each answer of a server that can be sure that no other one grants, with a moment before that answer. */
  readonly onWord?: (wordMs: number) => void;
  readonly elapsedMs: () => number;
};

export type PermitQuestions = {
  /** Sends one question until it is answered; undefined once the signal is aborted. */
  ask(question: Question, signal: AbortSignal): Promise<Answer | undefined>;
  /** True once a server has answered. */
  readonly isIntroduced: boolean;
  close(): Promise<void>;
};

const firstRepeatMs = 250;
const longestRepeatMs = 2_000;
/** Questions without an answer after this many repetitions mean that the server is away. */
const repeatsUntilAway = 4;
const remindEveryMs = 60_000;

/** Opens a socket of its own. */
export function openQuestions(sender: PermitSender): PermitQuestions {
  const { address, port, client } = sender;
  const key = createSecretKey(sender.key);
  const waiting = new Map<number, (response: Response & { answer: Answer }) => void>();
  const absence = openAbsence(sender);
  let sequence = 0;
  let epoch = 0;
  let lastNotice = 0;

  const socket = openSocket(address, (datagram) => {
    const response = readResponse(key, datagram);
    if (response?.client !== client) return;
    const { answer } = response;
    if (answer.kind !== "yield") {
      waiting.get(response.sequence)?.({ ...response, answer });
      return;
    }
    if (response.epoch !== epoch || answer.number <= lastNotice) return;
    lastNotice = answer.number;
    sender.onYield?.(answer.path);
  });
  /** False for an answer that must not count. */
  const accept = (response: Response & { answer: Answer }): boolean => {
    // Granted by a server that is gone, and of which the new one was told without it.
    if (response.answer.kind !== "report_first") return response.epoch === epoch;
    if (response.epoch !== epoch) lastNotice = 0;
    epoch = response.epoch;
    return true;
  };

  return {
    ask: async (question, signal) => {
      sequence += 1;
      const own = sequence;
      const datagram = writeDatagram(key, { client, sequence: own, epoch, question });
      const answered = new AbortController();
      let answer: Answer | undefined;
      const sent = { lastMs: sender.elapsedMs(), beforeMs: sender.elapsedMs() };
      waiting.set(own, (response) => {
        if (!accept(response)) return;
        ({ answer } = response);
        // It may answer the question before the last repetition.
        if (response.isPaused !== true && response.answer.kind !== "report_first") sender.onWord?.(sent.beforeMs);
        answered.abort();
      });
      try {
        const either = AbortSignal.any([signal, answered.signal]);
        for (let repeats = 0; !either.aborted; repeats += 1) {
          sent.beforeMs = sent.lastMs;
          sent.lastMs = sender.elapsedMs();
          socket.send(datagram, port, address, () => undefined);
          if (repeats >= repeatsUntilAway) absence.note();
          await pause(Math.min(longestRepeatMs, firstRepeatMs * 2 ** repeats), either);
        }
      } finally {
        waiting.delete(own);
      }
      if (answer !== undefined) absence.end();
      return answer;
    },
    get isIntroduced() {
      return epoch !== 0;
    },
    close: () =>
      new Promise((resolve) => {
        socket.close(() => resolve());
      }),
  };
}

function openSocket(address: string, onMessage: (datagram: Buffer) => void): Socket {
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  // A server that is away answers with ICMP: the repetition deals with it.
  socket.on("error", () => undefined);
  socket.on("message", onMessage);
  // Bound now: the first question may have to be repeated, the socket must not fail at it.
  socket.bind(0);
  return socket;
}

/** Tells of a server that does not answer: at once, and once a minute. */
function openAbsence({ elapsedMs, onReachable }: PermitSender): { note(): void; end(): void } {
  let sinceMs: number | undefined;
  let remindedMs = 0;
  return {
    note: () => {
      const nowMs = elapsedMs();
      if (sinceMs !== undefined && nowMs - remindedMs < remindEveryMs) return;
      sinceMs ??= nowMs;
      remindedMs = nowMs;
      onReachable?.(false, nowMs - sinceMs);
    },
    end: () => {
      if (sinceMs === undefined) return;
      const awayMs = elapsedMs() - sinceMs;
      sinceMs = undefined;
      onReachable?.(true, awayMs);
    },
  };
}
