/** One connection seen as a conversation: bytes are said, whole replies are heard, each wait has a deadline of its own. */

import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";

import type { Loss } from "./outcome.ts";
import { readReplies } from "./read-replies.ts";
import { replyText, type SmtpReply } from "./reply.ts";

export type Heard =
  | { readonly kind: "reply"; readonly reply: SmtpReply }
  | { readonly kind: "lost"; readonly loss: Loss };

/** How the writing of a message's content ended. */
export type Writing =
  | { readonly kind: "written" }
  /** The server spoke before everything was out. */
  | { readonly kind: "answered" }
  | { readonly kind: "lost"; readonly loss: Loss };

export type Trace = (direction: ">" | "<", text: string) => void;

export type Conversation = {
  /** Says one or several commands; what becomes of them is heard. */
  say(commands: string): void;
  /** Writes content and waits until the system has taken its last byte. */
  write(pieces: readonly (Buffer | string)[], limitMs: number): Promise<Writing>;
  /** Writes commands and content, and waits for nothing. */
  push(pieces: readonly [string, Buffer]): Pushed;
  /** Waits for the next reply. A server that drips bytes does not move the deadline. */
  hear(limitMs: number): Promise<Heard>;
  /** True when the server has said more than was waited for. */
  hasUnheard(): boolean;
  /** Takes the connection through a TLS handshake. */
  secure(options: {
    serverName: string;
    mustVerify: boolean;
    limitMs: number;
    sessions?: TlsSessions;
  }): Promise<Loss | undefined>;
  readonly isSecure: boolean;
  /** Undefined while the connection can be used. */
  readonly loss: Loss | undefined;
  /** Cuts the connection; the reason stands when nothing else ended it before. */
  cut(reason?: Loss): void;
};

/** What was written without waiting: true once the system has taken the last byte. */
export type Pushed = { readonly isWritten: boolean };

/** What spares the next connection to the same server a whole handshake. */
export type TlsSessions = {
  recall(): Buffer | undefined;
  keep(session: Buffer): void;
  forget(): void;
};

/** Eight messages under way have four commands each: a server that has said more than this unasked talks to itself. */
const mostUnheardReplies = 40;

/**
 * Connects over TCP.
 * @returns the conversation, before the greeting; or why there is none
 */
export async function connect(options: {
  address: string;
  port: number;
  localAddress?: string;
  limitMs: number;
  trace?: Trace;
}): Promise<Conversation | Loss> {
  const socket = connectTcp({
    host: options.address,
    port: options.port,
    noDelay: true,
    ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
  });
  const failure = await new Promise<Loss | undefined>((resolve) => {
    const timer = setTimeout(
      () => resolve({ cause: "timeout", text: `no connection within ${inSeconds(options.limitMs)}` }),
      options.limitMs,
    );
    socket.once("connect", () => {
      clearTimeout(timer);
      resolve(undefined);
    });
    socket.once("error", (error) => {
      clearTimeout(timer);
      resolve({ cause: "closed", text: `no connection: ${describe(error)}` });
    });
  });
  if (failure !== undefined) {
    socket.on("error", () => undefined);
    socket.destroy();
    return failure;
  }
  return converse(socket, options.trace);
}

function converse(raw: Socket, trace: Trace | undefined): Conversation {
  let socket: Socket | TLSSocket = raw;
  let reader = readReplies();
  let replies: SmtpReply[] = [];
  let loss: Loss | undefined;
  let isSecure = false;
  /** Called at every change: a reply more, or the loss. */
  let wake = (): void => undefined;

  const lose = (found: Loss): void => {
    loss ??= found;
    wake();
  };
  const onData = (chunk: Buffer): void => {
    const reading = reader.push(chunk);
    for (const reply of reading.replies) trace?.("<", replyText(reply));
    replies.push(...reading.replies);
    if (reading.fault !== undefined) lose({ cause: "protocol", text: `not SMTP: ${reading.fault}` });
    else if (replies.length > mostUnheardReplies)
      lose({ cause: "protocol", text: "the server answers what was not asked" });
    if (loss !== undefined) socket.destroy();
    wake();
  };
  const onError = (error: Error): void => lose({ cause: "closed", text: describe(error) });
  const onEnd = (): void => lose({ cause: "closed", text: "the server closed the connection" });
  const attach = (): void => {
    socket.on("data", onData);
    socket.on("error", onError);
    socket.on("end", onEnd);
    socket.on("close", onEnd);
  };
  attach();

  /** Resolves true once the condition holds, false at the deadline. */
  const waitFor = (condition: () => boolean, limitMs: number): Promise<boolean> => {
    if (condition()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (holds: boolean): void => {
        clearTimeout(timer);
        wake = () => undefined;
        resolve(holds);
      };
      const timer = setTimeout(() => finish(false), limitMs);
      wake = () => {
        if (condition()) finish(true);
      };
    });
  };
  /** Commands and content leave in one packet as far as they fit. */
  const writeAll = (pieces: readonly (Buffer | string)[]): Pushed => {
    const pushed = { isWritten: false };
    if (trace !== undefined) for (const piece of pieces) traceWritten(trace, piece);
    if (loss !== undefined) return pushed;
    const full = pieces.filter((piece) => piece.length > 0);
    socket.cork();
    for (const [index, piece] of full.entries()) {
      if (index < full.length - 1) socket.write(piece);
      else
        socket.write(piece, (error) => {
          pushed.isWritten = !error;
          wake();
        });
    }
    socket.uncork();
    return pushed;
  };
  const lossOr = (text: string): Loss => loss ?? { cause: "timeout", text };

  return {
    get isSecure() {
      return isSecure;
    },
    get loss() {
      return loss;
    },
    say: (commands) => {
      if (trace !== undefined) traceWritten(trace, commands);
      if (loss === undefined) socket.write(commands);
    },
    write: async (pieces, limitMs) => {
      const writing = writeAll(pieces);
      await waitFor(() => writing.isWritten || loss !== undefined || replies.length > 0, limitMs);
      if (writing.isWritten) return { kind: "written" };
      if (replies.length > 0) return { kind: "answered" };
      return { kind: "lost", loss: lossOr(`the content was not taken within ${inSeconds(limitMs)}`) };
    },
    push: (pieces) => writeAll(pieces),
    hear: async (limitMs) => {
      await waitFor(() => replies.length > 0 || loss !== undefined, limitMs);
      // What was said before the connection went still counts.
      const reply = replies.shift();
      if (reply !== undefined) return { kind: "reply", reply };
      return { kind: "lost", loss: lossOr(`no answer within ${inSeconds(limitMs)}`) };
    },
    hasUnheard: () => replies.length > 0 || reader.holdsPart(),
    secure: async ({ serverName, mustVerify, limitMs, sessions }) => {
      raw.off("data", onData).off("end", onEnd).off("close", onEnd);
      // A session that was begun without a look at the certificate must not vouch for it.
      const session = mustVerify ? undefined : sessions?.recall();
      const secured = connectTls({
        ...(session === undefined ? {} : { session }),
        socket: raw,
        minVersion: "TLSv1.2",
        rejectUnauthorized: mustVerify,
        ...(/[a-z]/i.test(serverName) && !serverName.includes(":") ? { servername: serverName } : {}),
      });
      // In TLS 1.3 tickets come when the handshake is over.
      secured.on("session", (ticket) => sessions?.keep(ticket));
      let isDone = false;
      socket = secured;
      reader = readReplies();
      replies = [];
      attach();
      secured.once("secureConnect", () => {
        isDone = true;
        wake();
      });
      await waitFor(() => isDone || loss !== undefined, limitMs);
      if (isDone && loss === undefined) {
        isSecure = true;
        trace?.("<", `(${secured.getProtocol() ?? "TLS"}, ${secured.getCipher().name})`);
        return undefined;
      }
      sessions?.forget();
      const text = loss?.text ?? `no end of the handshake within ${inSeconds(limitMs)}`;
      loss = { cause: "tls", text: `TLS: ${text}` };
      return loss;
    },
    cut: (reason = cutByUs) => {
      loss ??= reason;
      socket.destroy();
      raw.destroy();
      wake();
    },
  };
}

const cutByUs: Loss = { cause: "closed", text: "the connection was cut on our side" };

function traceWritten(trace: Trace, piece: Buffer | string): void {
  if (typeof piece !== "string") trace(">", `(${piece.length} bytes of content)`);
  else for (const line of piece.trimEnd().split("\r\n")) trace(">", line);
}

function inSeconds(durationMs: number): string {
  return `${Math.round(durationMs / 100) / 10} s`;
}

/** The system's word for what happened, without the address that Node puts behind it. */
function describe(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
