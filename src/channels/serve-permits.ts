/** The server's side of the permit conversation: authenticates, answers repeated questions again, and asks unknown senders to report. */

import { createSecretKey, randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";

import {
  type Answer,
  type Notice,
  type Question,
  readRequest,
  type Request,
  type Response,
  writeDatagram,
} from "./permit-messages.ts";

export type PermitServer = {
  readonly port: number;
  /** Datagrams without our signature since the start. */
  readonly refused: number;
  /** Tells a sender something unasked; lost like any datagram may be. */
  notify(client: string, notice: Notice): void;
  close(): Promise<void>;
};

type Sender = { readonly address: string; readonly port: number };

type Client = {
  /** Where its last new question came from. */
  sender: Sender;
  highest: number;
  readonly answers: Map<number, Answer>;
  hasReported: boolean;
  lastHeardMs: number;
};

/** Answers kept for repeated questions; a sender has far fewer questions open. */
const keptAnswers = 2_048;

/**
 * Listens for questions. Each is carried out once: one that comes again, delayed or replayed, gets the old answer or none.
 * @throws what the system says when the port cannot be had (`EADDRINUSE`)
 */
export async function servePermits(options: {
  address: string;
  port: number;
  key: Buffer;
  elapsedMs: () => number;
  clientTimeoutMs: number;
  carryOut: (client: string, question: Question) => Answer;
  onClientLost: (client: string) => void;
}): Promise<PermitServer> {
  const key = createSecretKey(options.key);
  const clients = new Map<string, Client>();
  const epoch = randomInt(1, 2 ** 47);
  let refused = 0;
  const socket = createSocket({ type: isIPv6(options.address) ? "udp6" : "udp4", recvBufferSize: 1_048_576 });

  const reply = (sender: Sender, response: Response): void =>
    socket.send(writeDatagram(key, response), sender.port, sender.address, () => undefined);

  const answerTo = (
    { client: name, sequence, epoch: askedEpoch, question }: Request,
    sender: Sender,
  ): Answer | undefined => {
    // A question meant for an earlier run may be a replay, and its sender holds what this run does not know of.
    if (askedEpoch !== epoch) return { kind: "report_first" };
    const client = clients.get(name) ?? {
      sender,
      highest: 0,
      answers: new Map<number, Answer>(),
      hasReported: false,
      lastHeardMs: 0,
    };
    clients.set(name, client);
    client.lastHeardMs = options.elapsedMs();
    const known = client.answers.get(sequence);
    if (known !== undefined) return known;
    if (sequence <= client.highest - keptAnswers) return undefined;
    if (question.kind === "report" && question.isLast) client.hasReported = true;
    const needsReport =
      !client.hasReported && (question.kind === "connect" || question.kind === "tokens" || question.kind === "release");
    client.sender = sender;
    const answer: Answer = needsReport ? { kind: "report_first" } : options.carryOut(name, question);
    client.highest = Math.max(client.highest, sequence);
    client.answers.set(sequence, answer);
    if (client.answers.size > keptAnswers)
      for (const old of client.answers.keys()) if (old <= client.highest - keptAnswers) client.answers.delete(old);
    return answer;
  };

  socket.on("message", (datagram, sender) => {
    let request: ReturnType<typeof readRequest>;
    try {
      request = readRequest(key, datagram);
    } catch {
      request = undefined;
    }
    if (request === undefined) {
      refused += 1;
      return;
    }
    const answer = answerTo(request, sender);
    if (answer !== undefined) reply(sender, { client: request.client, sequence: request.sequence, epoch, answer });
  });
  socket.bind(options.port, options.address);
  await once(socket, "listening");
  socket.on("error", () => undefined);

  const sweep = setInterval(
    () => {
      for (const [name, client] of clients) {
        if (options.elapsedMs() - client.lastHeardMs < options.clientTimeoutMs) continue;
        clients.delete(name);
        options.onClientLost(name);
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
      if (client !== undefined) reply(client.sender, { client: name, sequence: 0, epoch, answer: notice });
    },
    close: () => {
      clearInterval(sweep);
      return new Promise((resolve) => {
        socket.close(() => resolve());
      });
    },
  };
}
