/** One connection seen as a conversation: bytes are said, whole replies are heard, each wait has a deadline of its own. */

import type { Socket } from "node:net";
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
  /** Writes content with the commands around it, and waits for nothing. */
  push(written: Written): Pushed;
  /** Waits until the system has taken the last byte of what was pushed. */
  settle(pushed: Pushed, limitMs: number): Promise<Writing>;
  /** The next reply when it is here already: sparing a wait that would end at once. */
  take(): Heard | undefined;
  /** Waits for the next reply. A server that drips bytes does not move the deadline. */
  hear(limitMs: number): Promise<Heard>;
  /** True while the system has not taken all that was written. */
  readonly isWriting: boolean;
  /** True when the server has said more than was waited for. */
  hasUnheard(): boolean;
  /** Takes the connection through a TLS handshake. */
  secure(options: {
    serverName: string;
    mustVerify: boolean;
    limitMs: number;
    sessions?: TlsSessions;
    trusted?: readonly string[];
  }): Promise<Loss | undefined>;
  readonly isSecure: boolean;
  /** Undefined while the connection can be used. */
  readonly loss: Loss | undefined;
  /**
   * Cuts the connection by a reset, so that what the system still holds of a content never arrives; the reason stands when nothing
   * else ended it before.
   */
  cut(reason?: Loss): void;
  /** Closes the connection in good order, after QUIT. */
  close(): void;
};

/** A content on its way, and the commands before and behind it. */
export type Written = {
  readonly before: string;
  readonly content: Buffer;
  readonly behind: string;
  /** Bytes around the content, in the same memory, that may be overwritten: where the commands fit, everything goes in one piece. */
  readonly margins?: Margins | undefined;
};

export type Margins = { readonly before: number; readonly behind: number };

/** What was written without waiting. */
export type Pushed = {
  /** True once the system has taken the last byte, and said so. */
  readonly isWritten: boolean;
  /** False when the last byte surely has not left: the server cannot have the message. */
  readonly mayBeOut: boolean;
};

/** More than the buffers of a connection hold on both sides: of a content this long the last byte has not left before TLS says so. */
const mostBufferedBytes = 10_000_000;

/** What spares the next connection to the same server a whole handshake. */
export type TlsSessions = {
  recall(): Buffer | undefined;
  keep(session: Buffer): void;
  forget(): void;
};

/** Eight messages under way have four commands each: a server that has said more than this unasked talks to itself. */
const mostUnheardReplies = 40;

/** Holds a conversation over a connection that is open. */
export function converse(raw: Socket, trace: Trace | undefined): Conversation {
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
    disarm();
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

  /** Called at the deadline of who waits; one timer for all waits, since most of them end at once. */
  let giveUp: (() => void) | undefined;
  let deadlineMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let timerMs = 0;
  const look = (): void => {
    timer = undefined;
    if (giveUp === undefined) return;
    const leftMs = deadlineMs - performance.now();
    if (leftMs > 0) arm(leftMs);
    else giveUp();
  };
  const arm = (limitMs: number): void => {
    clearTimeout(timer);
    timerMs = performance.now() + limitMs;
    timer = setTimeout(look, limitMs);
  };
  const disarm = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };

  /** Resolves true once the condition holds, false at the deadline. */
  const waitFor = (condition: () => boolean, limitMs: number): Promise<boolean> => {
    if (condition()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (holds: boolean): void => {
        giveUp = undefined;
        wake = () => undefined;
        resolve(holds);
      };
      deadlineMs = performance.now() + limitMs;
      if (timer === undefined || timerMs > deadlineMs) arm(limitMs);
      giveUp = () => finish(false);
      wake = () => {
        if (condition()) finish(true);
      };
    });
  };
  /** Commands and content leave in one packet as far as they fit. */
  const push = (written: Written): Pushed => {
    const pushed = { isWritten: false, mayBeOut: false };
    if (trace !== undefined) traceContent(trace, written);
    if (loss !== undefined) return pushed;
    const done = (error?: Error | null): void => {
      if (pushed.isWritten) return;
      pushed.isWritten = !error;
      pushed.mayBeOut ||= !error;
      wake();
    };
    const whole = joinInPlace(written);
    if (whole === undefined) {
      socket.cork();
      if (written.before !== "") socket.write(written.before);
      socket.write(written.content);
      socket.write(written.behind, done);
      socket.uncork();
    } else socket.write(whole, done);
    // The system has usually taken everything at once, and says so a turn later.
    if (socket.writableLength === 0 && socket.errored === null && !socket.destroyed) pushed.isWritten = true;
    // TLS says later than others what has left.
    pushed.mayBeOut = pushed.isWritten || (isSecure && written.content.length <= mostBufferedBytes);
    return pushed;
  };
  const lossOr = (text: string): Loss => loss ?? { cause: "timeout", text };

  return {
    get isSecure() {
      return isSecure;
    },
    get isWriting() {
      return socket.writableLength > 0;
    },
    get loss() {
      return loss;
    },
    say: (commands) => {
      if (trace !== undefined) traceCommands(trace, commands);
      if (loss === undefined) socket.write(commands);
    },
    push,
    settle: async (pushed, limitMs) => {
      await waitFor(() => pushed.isWritten || loss !== undefined || replies.length > 0, limitMs);
      if (pushed.isWritten || (replies.length > 0 && pushed.mayBeOut)) return { kind: "written" };
      if (replies.length > 0) return { kind: "answered" };
      return { kind: "lost", loss: lossOr(`the content was not taken within ${inSeconds(limitMs)}`) };
    },
    take: () => {
      const reply = replies.shift();
      return reply === undefined ? undefined : { kind: "reply", reply };
    },
    hear: async (limitMs) => {
      await waitFor(() => replies.length > 0 || loss !== undefined, limitMs);
      // What was said before the connection went still counts.
      const reply = replies.shift();
      if (reply !== undefined) return { kind: "reply", reply };
      return { kind: "lost", loss: lossOr(`no answer within ${inSeconds(limitMs)}`) };
    },
    hasUnheard: () => replies.length > 0 || reader.holdsPart(),
    secure: async ({ serverName, mustVerify, limitMs, sessions, trusted }) => {
      raw.off("data", onData).off("end", onEnd).off("close", onEnd);
      // A session that was begun without a look at the certificate must not vouch for it.
      const session = mustVerify ? undefined : sessions?.recall();
      const secured = connectTls({
        ...(session === undefined ? {} : { session }),
        socket: raw,
        minVersion: "TLSv1.2",
        rejectUnauthorized: mustVerify,
        // What the certificate is compared with where no name can be sent in the handshake.
        host: serverName,
        ...(trusted === undefined ? {} : { ca: [...trusted] }),
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
      // A server that reads slowly would else find the final dot in what is still on its way, after the message was given up.
      // Once either side has said that it ends, the system refuses a reset and keeps the connection.
      if (isOpen(raw) && isOpen(socket)) raw.resetAndDestroy();
      socket.destroy();
      raw.destroy();
      wake();
      disarm();
    },
    close: () => {
      loss ??= cutByUs;
      socket.destroy();
      raw.destroy();
      wake();
      disarm();
    },
  };
}

function isOpen(socket: Socket): boolean {
  return socket.readyState === "open" && !socket.readableEnded && !socket.writableEnded && socket.errored === null;
}

const cutByUs: Loss = { cause: "closed", text: "the connection was cut on our side" };

/** Writes the commands around the content; undefined where there is no room. */
function joinInPlace({ before, content, behind, margins }: Written): Buffer | undefined {
  if (margins === undefined) return undefined;
  const bytesBefore = Buffer.byteLength(before);
  const bytesBehind = Buffer.byteLength(behind);
  if (bytesBefore > margins.before || bytesBehind > margins.behind) return undefined;
  const whole = Buffer.from(
    content.buffer,
    content.byteOffset - bytesBefore,
    bytesBefore + content.length + bytesBehind,
  );
  whole.write(before, 0);
  whole.write(behind, bytesBefore + content.length);
  return whole;
}

function traceContent(trace: Trace, { before, content, behind }: Written): void {
  traceCommands(trace, before);
  trace(">", `(${content.length} bytes of content)`);
  traceCommands(trace, behind);
}

function traceCommands(trace: Trace, commands: string): void {
  if (commands !== "") for (const line of commands.trimEnd().split("\r\n")) trace(">", line);
}

/** A duration as operators read it. */
export function inSeconds(durationMs: number): string {
  return `${Math.round(durationMs / 100) / 10} s`;
}

/** The system's word for what happened, without the address that Node puts behind it. */
export function describe(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}
