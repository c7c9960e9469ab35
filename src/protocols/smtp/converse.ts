/** One connection seen as a conversation: bytes are said, whole replies are heard, each wait has a deadline of its own. */

import type { Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";

import type { Conversation, Pushed, Trace, Written } from "./conversation.ts";
import { describe, inSeconds } from "./loss-text.ts";
import { openWait } from "./open-wait.ts";
import type { Loss } from "./outcome.ts";
import { readReplies } from "./read-replies.ts";
import { replyText, type SmtpReply } from "./reply.ts";
import { joinInPlace, traceCommands, traceContent } from "./written.ts";

/** More than the buffers of a connection hold on both sides: of a content this long the last byte has not left before TLS says so. */
const mostBufferedBytes = 10_000_000;

/** Eight messages under way have four commands each: a server that has said more than this unasked talks to itself. */
const mostUnheardReplies = 40;

/** Holds a conversation over a connection that is open. */
export function converse(raw: Socket, trace: Trace | undefined): Conversation {
  let socket: Socket | TLSSocket = raw;
  let reader = readReplies();
  let replies: SmtpReply[] = [];
  let loss: Loss | undefined;
  let isSecure = false;
  const wait = openWait();

  const lose = (found: Loss): void => {
    loss ??= found;
    wait.wake();
    wait.stop();
  };
  const onData = (chunk: Buffer): void => {
    const reading = reader.push(chunk);
    for (const reply of reading.replies) trace?.("<", replyText(reply));
    replies.push(...reading.replies);
    if (reading.fault !== undefined) lose({ cause: "protocol", text: `not SMTP: ${reading.fault}` });
    else if (replies.length > mostUnheardReplies)
      lose({ cause: "protocol", text: "the server answers what was not asked" });
    if (loss !== undefined) socket.destroy();
    wait.wake();
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

  /** Commands and content leave in one packet as far as they fit. */
  const push = (written: Written): Pushed => {
    const pushed = { isWritten: false, mayBeOut: false };
    if (trace !== undefined) traceContent(trace, written);
    if (loss !== undefined) return pushed;
    const done = (error?: Error | null): void => {
      if (pushed.isWritten) return;
      pushed.isWritten = !error;
      pushed.mayBeOut ||= !error;
      wait.wake();
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
      await wait.until(() => pushed.isWritten || loss !== undefined || replies.length > 0, limitMs);
      if (pushed.isWritten || (replies.length > 0 && pushed.mayBeOut)) return { kind: "written" };
      if (replies.length > 0) return { kind: "answered" };
      return { kind: "lost", loss: lossOr(`the content was not taken within ${inSeconds(limitMs)}`) };
    },
    take: () => {
      const reply = replies.shift();
      return reply === undefined ? undefined : { kind: "reply", reply };
    },
    hear: async (limitMs) => {
      await wait.until(() => replies.length > 0 || loss !== undefined, limitMs);
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
        wait.wake();
      });
      await wait.until(() => isDone || loss !== undefined, limitMs);
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
      wait.wake();
      wait.stop();
    },
    close: () => {
      loss ??= cutByUs;
      socket.destroy();
      raw.destroy();
      wait.wake();
      wait.stop();
    },
  };
}

function isOpen(socket: Socket): boolean {
  return socket.readyState === "open" && !socket.readableEnded && !socket.writableEnded && socket.errored === null;
}

const cutByUs: Loss = { cause: "closed", text: "the connection was cut on our side" };
