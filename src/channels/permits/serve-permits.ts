/** The server's side of the permit conversation: authenticates, answers repeated questions again, and asks unknown senders to report. */

import { createSecretKey, type KeyObject, randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";

import { forgetOldest } from "#foundation/forget-oldest.ts";

import { readRequest, writeDatagram } from "./permit-datagrams.ts";
import {
  type Answer,
  longestDatagramBytes,
  type Notice,
  type Question,
  type Request,
  type Response,
} from "./permit-messages.ts";

export type PermitServer = {
  readonly port: number;
  /** Datagrams without our signature, or not whole, since the start. */
  readonly refused: number;
  /** Tells a sender something unasked; lost like any datagram may be. */
  notify(client: string, notice: Omit<Notice, "number">): void;
  close(): Promise<void>;
};

type Sender = { readonly address: string; readonly port: number };

type Client = {
  /** Where its last new question came from. */
  sender: Sender;
  readonly key: KeyObject;
  /** Names what it asks from now on: what was asked of an earlier run, or before it was given up, is a replay. */
  readonly epoch: number;
  highest: number;
  readonly answers: Map<number, Answer>;
  /** Questions that are carried out and not answered yet. */
  readonly underWay: Set<number>;
  hasReported: boolean;
  notices: number;
  lastHeardMs: number;
};

/** Answers kept for repeated questions; a sender has far fewer questions open. */
const keptAnswers = 2_048;
/** Asked by who holds nothing, and answered without a report. */
const freeOfReport: readonly Question["kind"][] = ["report", "forget", "reload", "show", "leave"];

/**
 * Listens for questions. Each is carried out once: one that comes again, delayed or replayed, gets the old answer or none. No datagram
 * that is not signed is answered, and no answer goes elsewhere than where its sender is known to be, unless it is shorter than the question.
 * @throws what the system says when the port cannot be had (`EADDRINUSE`)
 */
export async function servePermits(options: {
  address: string;
  port: number;
  key: Buffer;
  /** Further keys that senders may sign with; each is answered under its own. */
  otherKeys?: readonly Buffer[];
  elapsedMs: () => number;
  clientTimeoutMs: number;
  /** False while nothing can be answered yet: what comes is not looked at. */
  isOpen?: () => boolean;
  /** True while it cannot be sure that no other server grants. */
  isPaused?: () => boolean;
  /** An answer that takes its time is not waited for by other questions; it must not reject. */
  carryOut: (client: string, question: Question) => Answer | Promise<Answer>;
  /** Told when a sender has told all that it holds. */
  onReported?: (client: string) => void;
  onClientLost: (client: string) => void;
}): Promise<PermitServer> {
  const keys = [options.key, ...(options.otherKeys ?? [])].map((key) => createSecretKey(key));
  const clients = new Map<string, Client>();
  let refused = 0;
  let isClosed = false;
  const socket = createSocket({ type: isIPv6(options.address) ? "udp6" : "udp4", recvBufferSize: 4_194_304 });

  const send = (sender: Sender, key: KeyObject, response: Response): void => {
    if (isClosed) return;
    const datagram = writeDatagram(key, options.isPaused?.() === true ? { ...response, isPaused: true } : response);
    if (datagram.length <= longestDatagramBytes) socket.send(datagram, sender.port, sender.address, () => undefined);
  };
  const introduce = (name: string, key: KeyObject, sender: Sender): Client => {
    const client: Client = {
      sender,
      key,
      epoch: randomInt(1, 2 ** 47),
      highest: 0,
      answers: new Map(),
      underWay: new Set(),
      hasReported: false,
      notices: 0,
      lastHeardMs: options.elapsedMs(),
    };
    clients.set(name, client);
    return client;
  };

  /** The answer, or undefined when there is to be none. */
  const answerTo = (
    { client: name, sequence, question }: Request,
    client: Client,
    sender: Sender,
  ): Answer | undefined => {
    const known = client.answers.get(sequence);
    const isHere = client.sender.address === sender.address && client.sender.port === sender.port;
    if (known !== undefined) return isHere ? known : undefined;
    if (client.underWay.has(sequence) || sequence <= client.highest - keptAnswers) return undefined;
    client.lastHeardMs = options.elapsedMs();
    client.sender = sender;
    const needsReport = !client.hasReported && !freeOfReport.includes(question.kind);
    const answer = needsReport ? ({ kind: "report_first" } as const) : options.carryOut(name, question);
    client.highest = Math.max(client.highest, sequence);
    if (!(answer instanceof Promise)) return keepAnswer(name, client, { sequence, question, answer });
    client.underWay.add(sequence);
    void answer.then((late) => {
      client.underWay.delete(sequence);
      keepAnswer(name, client, { sequence, question, answer: late });
      send(client.sender, client.key, { client: name, sequence, epoch: client.epoch, answer: late });
    });
    return undefined;
  };
  const keepAnswer = (
    name: string,
    client: Client,
    { sequence, question, answer }: Pick<Request, "sequence" | "question"> & { readonly answer: Answer },
  ): Answer => {
    // A page is shown again to who asks again: its answers would be megabytes.
    if (answer.kind !== "shown") client.answers.set(sequence, answer);
    // Sequences only grow: the first is the oldest.
    forgetOldest(client.answers, keptAnswers);
    if (question.kind === "leave" && clients.get(name) === client) clients.delete(name);
    if (question.kind === "report" && question.isLast) {
      client.hasReported = true;
      options.onReported?.(name);
    }
    return answer;
  };

  socket.on("message", (datagram, sender) => {
    if (options.isOpen?.() === false) return;
    const read = readRequest(keys, datagram);
    const known = read === undefined ? undefined : clients.get(read.request.client);
    // A name belongs to the key that it came with first.
    if (read === undefined || (known !== undefined && known.key !== read.key)) {
      refused += 1;
      return;
    }
    const { request, key } = read;
    const client = known ?? introduce(request.client, key, sender);
    const { client: name, sequence } = request;
    const answer: Answer | undefined =
      request.epoch === client.epoch ? answerTo(request, client, sender) : { kind: "report_first" };
    if (answer !== undefined) send(sender, key, { client: name, sequence, epoch: client.epoch, answer });
  });
  socket.bind(options.port, options.address);
  await once(socket, "listening");
  socket.on("error", () => undefined);

  const sweep = setInterval(
    () => {
      for (const [name, client] of clients) {
        if (options.elapsedMs() - client.lastHeardMs < options.clientTimeoutMs) continue;
        clients.delete(name);
        if (client.hasReported) options.onClientLost(name);
      }
    },
    Math.min(10_000, options.clientTimeoutMs / 4),
  );
  sweep.unref();

  return {
    port: socket.address().port,
    get refused() {
      return refused;
    },
    notify: (name, notice) => {
      const client = clients.get(name);
      if (client === undefined) return;
      client.notices += 1;
      const { key, epoch, notices } = client;
      send(client.sender, key, { client: name, sequence: 0, epoch, answer: { ...notice, number: notices } });
    },
    close: () => {
      clearInterval(sweep);
      isClosed = true;
      return new Promise((resolve) => {
        socket.close(() => resolve());
      });
    },
  };
}
