/** Reads answers of a line protocol from a socket: lines, and dot-terminated blocks, in bounded memory and time. */

import type { Socket } from "node:net";

import { Pop3Error } from "./pop3-error.ts";

export type SocketReader = {
  /** One line without its end. @param maxBytes a longer line is a violation */
  line(maxBytes: number): Promise<string>;
  /** A block up to the line with a single dot, unstuffed; what is beyond `maxBytes` is read and thrown away. */
  block(maxBytes: number): Promise<{ content: Buffer; isTruncated: boolean }>;
  /** True when the server has sent something that nobody asked for. */
  hasUnread(): boolean;
};

const newline = 0x0a;
const carriageReturn = 0x0d;
const dot = 0x2e;

/** Starts reading. @param timeoutMs longest silence while an answer is awaited */
export function readFromSocket(socket: Socket, timeoutMs: number): SocketReader {
  let unread: Buffer = Buffer.alloc(0);
  let lost: Error | undefined;
  socket.on("error", (error: Error) => {
    lost = error;
  });

  const fill = async (): Promise<void> => {
    const chunk = await nextChunk(socket, timeoutMs, () => lost);
    unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk]);
  };

  return {
    hasUnread: () => unread.length > 0 || socket.readableLength > 0,
    line: async (maxBytes) => {
      let end = unread.indexOf(newline);
      while (end < 0) {
        if (unread.length > maxBytes)
          throw new Pop3Error("violation", `the server sent a line of more than ${maxBytes} bytes`);
        await fill();
        end = unread.indexOf(newline);
      }
      if (end > maxBytes) throw new Pop3Error("violation", `the server sent a line of more than ${maxBytes} bytes`);
      const text = unread.toString("latin1", 0, end).replace(/\r$/, "");
      unread = unread.subarray(end + 1);
      return text;
    },
    block: async (maxBytes) => {
      const kept: Buffer[] = [];
      let size = 0;
      const keep = (piece: Buffer): void => {
        if (size < maxBytes) kept.push(piece.subarray(0, maxBytes - size));
        size += piece.length;
      };
      let isLineStart = true;
      for (;;) {
        if (unread.length === 0) await fill();
        if (isLineStart && unread[0] === dot) {
          while (unread.length < 3 && unread[1] !== newline) await fill();
          const endLength = unread[1] === newline ? 2 : unread[1] === carriageReturn && unread[2] === newline ? 3 : 0;
          unread = unread.subarray(endLength === 0 ? 1 : endLength);
          if (endLength > 0) return { content: Buffer.concat(kept), isTruncated: size > maxBytes };
        }
        const end = unread.indexOf(newline);
        keep(unread.subarray(0, end < 0 ? unread.length : end + 1));
        unread = unread.subarray(end < 0 ? unread.length : end + 1);
        isLineStart = end >= 0;
      }
    },
  };
}

function nextChunk(socket: Socket, timeoutMs: number, lost: () => Error | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const finish = (act: () => void): void => {
      clearTimeout(timer);
      for (const event of ["readable", "end", "close"]) socket.off(event, look);
      act();
    };
    const look = (): void => {
      const chunk: unknown = socket.read();
      if (Buffer.isBuffer(chunk)) return finish(() => resolve(chunk));
      if (socket.destroyed || socket.readableEnded || lost() !== undefined) {
        finish(() =>
          reject(
            new Pop3Error(
              "connection",
              "the server closed the connection",
              lost() === undefined ? undefined : { cause: lost() },
            ),
          ),
        );
      }
    };
    const timer = setTimeout(() => {
      finish(() => reject(new Pop3Error("timeout", `the server was silent for ${timeoutMs} ms`)));
      socket.destroy();
    }, timeoutMs);
    for (const event of ["readable", "end", "close"]) socket.on(event, look);
    look();
  });
}
