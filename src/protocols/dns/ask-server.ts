/** One question to one DNS server: over UDP, and over TCP when the answer did not fit. */

import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { connect } from "node:net";

import { type DnsMessage, type QuestionType, readMessage, writeQuestion } from "./dns-message.ts";

export type Server = { readonly address: string; readonly port: number };

export type ServerAnswer =
  | { readonly kind: "message"; readonly message: DnsMessage }
  /** The name cannot stand in a question. */
  | { readonly kind: "unaskable" }
  /** Nothing usable came: `TIMEOUT`, or why there is no conversation, such as `ECONNREFUSED`. */
  | { readonly kind: "failed"; readonly reason: string };

/** Servers that do not know EDNS say so by one of these codes. */
const codesWithoutEdns = new Set([1, 4]);

/** Asks once; each of the at most three exchanges has the whole time. */
export async function askServer(
  server: Server,
  question: { readonly name: string; readonly type: QuestionType },
  timeoutMs: number,
): Promise<ServerAnswer> {
  const answer = await exchange(askOverUdp, server, { ...question, offersLarge: true }, timeoutMs);
  const isOld = answer.kind === "message" && codesWithoutEdns.has(answer.message.code);
  const heard = isOld ? await exchange(askOverUdp, server, { ...question, offersLarge: false }, timeoutMs) : answer;
  if (heard.kind !== "message" || !heard.message.isTruncated) return heard;
  return exchange(askOverTcp, server, { ...question, offersLarge: false }, timeoutMs);
}

type Asked = { readonly name: string; readonly type: QuestionType; readonly offersLarge: boolean };
type Exchange = (
  server: Server,
  query: Buffer,
  isAnswer: (message: DnsMessage | undefined) => message is DnsMessage,
  timeoutMs: number,
) => Promise<ServerAnswer>;

function exchange(by: Exchange, server: Server, asked: Asked, timeoutMs: number): Promise<ServerAnswer> {
  const id = randomInt(65_536);
  const query = writeQuestion({ ...asked, id });
  if (query === undefined) return Promise.resolve({ kind: "unaskable" });
  // What does not repeat id and question was not written for us: a forger's guess, or late.
  const isAnswer = (message: DnsMessage | undefined): message is DnsMessage =>
    message?.isResponse === true &&
    message.id === id &&
    message.question?.name === asked.name.toLowerCase() &&
    message.question.type === asked.type;
  return by(server, query, isAnswer, timeoutMs);
}

const askOverUdp: Exchange = (server, query, isAnswer, timeoutMs) =>
  new Promise((resolve) => {
    // A socket of its own for each question: its port is one more number that a forger has to guess (RFC 5452).
    const socket = createSocket(server.address.includes(":") ? "udp6" : "udp4");
    const end = (answer: ServerAnswer): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on("error", () => undefined);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(() => end({ kind: "failed", reason: "TIMEOUT" }), timeoutMs);
    socket.on("error", (error) => end({ kind: "failed", reason: codeOf(error) }));
    socket.on("message", (bytes) => {
      const message = readMessage(bytes);
      if (isAnswer(message)) end({ kind: "message", message });
    });
    // Connected: the system passes on what comes from the server alone, and says when nobody listens there.
    socket.connect(server.port, server.address, () => socket.send(query));
  });

const askOverTcp: Exchange = (server, query, isAnswer, timeoutMs) =>
  new Promise((resolve) => {
    const socket = connect({ host: server.address, port: server.port });
    let received: Buffer = Buffer.alloc(0);
    const end = (answer: ServerAnswer): void => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on("error", () => undefined);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end({ kind: "failed", reason: "TIMEOUT" }), timeoutMs);
    socket.on("error", (error) => end({ kind: "failed", reason: codeOf(error) }));
    socket.on("close", () => end({ kind: "failed", reason: "ECONNRESET" }));
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const length = received.length < 2 ? undefined : received.readUInt16BE(0);
      if (length === undefined || received.length < length + 2) return;
      const message = readMessage(received.subarray(2, length + 2));
      end(isAnswer(message) ? { kind: "message", message } : { kind: "failed", reason: "EBADRESP" });
    });
    const head = Buffer.alloc(2);
    head.writeUInt16BE(query.length, 0);
    socket.write(Buffer.concat([head, query]));
  });

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : error.message;
}
