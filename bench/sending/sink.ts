/**
 * A minimal SMTP server that takes everything and counts: messages, unique recipients, duplicates. Replies to what came together leave
 * together, after a delay if asked for: as a server that is far away.
 */

import { readFileSync } from "node:fs";
import { createServer, Socket, type SocketConstructorOpts } from "node:net";
import { join } from "node:path";
import { TLSSocket } from "node:tls";

export type SinkOptions = {
  readonly delayMs?: number;
  readonly offersPipelining?: boolean;
  readonly offersChunking?: boolean;
  readonly offersTls?: boolean;
};

export type SinkCounts = {
  readonly messages: number;
  readonly unique: number;
  readonly duplicates: number;
  readonly connections: number;
  /** The first message, as it came; empty over BDAT. */
  readonly sample: string;
};

const certificates = join(import.meta.dirname, "../../test/support/certificates");
const lineEnd = "\r\n";
const contentEnd = "\r\n.\r\n";
const nothing: Buffer = Buffer.alloc(0);

/** Serves until the process ends; counts are asked for over IPC. */
export function serveSink(options: SinkOptions): void {
  const taken = new Map<string, number>();
  let messages = 0;
  let connections = 0;
  let sample = "";
  const take = (to: string): void => {
    messages += 1;
    taken.set(to, (taken.get(to) ?? 0) + 1);
  };
  const isPlain = options.offersTls !== true;
  const server = createServer({ noDelay: true, pauseOnConnect: isPlain }, (accepted) => {
    const socket = isPlain ? readIntoOneBuffer(accepted) : accepted;
    connections += 1;
    socket.on("error", () => socket.destroy());
    converse(socket, options, { take, keepSample: (content) => (sample ||= content.toString("latin1")) });
  });
  server.listen(0, "127.0.0.1", () => {
    const bound = server.address();
    process.send?.({ kind: "ready", port: typeof bound === "object" && bound !== null ? bound.port : 0 });
  });
  process.on("message", () => {
    const duplicates = [...taken.values()].reduce((sum, count) => sum + count - 1, 0);
    const counts: SinkCounts = { messages, unique: taken.size, duplicates, connections, sample };
    process.send?.({ kind: "counts", counts });
  });
  process.on("disconnect", () => process.exit(0));
}

/** Who is told of the bytes of a socket that is read into one buffer. */
const readers = new WeakMap<Socket, Reader>();

/** Takes what is whole of these bytes, and gives back what it left. */
type TakeBytes = (bytes: Buffer) => Buffer;
type Reader = { take: TakeBytes };

/** Room for what a read leaves, right before the place of the next one: nothing has to be joined. */
const roomForRest = 4_096;

/**
 * The same connection read into one buffer again and again: with a fresh one of 64 KB for each read, and another one to join it with the
 * end of the last, collecting garbage would be half of the sink's work, and the sink the limit.
 */
function readIntoOneBuffer(accepted: Socket): Socket {
  const owned = accepted as unknown as { _handle: unknown };
  const area = Buffer.allocUnsafeSlow(roomForRest + 65_536);
  const reader: Reader = { take: () => nothing };
  let kept = 0;
  const onread = {
    buffer: area.subarray(roomForRest),
    callback: (count: number): boolean => {
      const rest = reader.take(area.subarray(roomForRest - kept, roomForRest + count));
      if (rest.length > roomForRest) throw new Error("a line of more than 4 KB");
      rest.copy(area, roomForRest - rest.length);
      kept = rest.length;
      return true;
    },
  };
  const socket = new Socket({ handle: owned._handle, onread } as SocketConstructorOpts);
  owned._handle = null;
  readers.set(socket, reader);
  return socket;
}

type Ledger = { take(to: string): void; keepSample(content: Buffer): void };

/** Plays one connection; bytes are searched once, contents are not collected. */
function converse(raw: Socket, options: SinkOptions, ledger: Ledger): void {
  let socket: Socket = raw;
  let isSecure = false;
  let rest = nothing;
  let isContent = false;
  /** Bytes of a BDAT chunk that are still to come. */
  let chunkBytes = 0;
  let isLastChunk = false;
  let to = "";
  let replies = "";
  let sample: Buffer[] | undefined = [];

  const say = (text: string): void => {
    replies += text + lineEnd;
  };
  const endMessage = (): void => {
    ledger.take(to);
    if (sample !== undefined) ledger.keepSample(Buffer.concat(sample));
    sample = undefined;
    say("250 2.0.0 queued");
  };
  const flush = (): void => {
    if (replies === "") return;
    const text = replies;
    replies = "";
    if ((options.delayMs ?? 0) === 0) socket.write(text);
    else setTimeout(() => socket.write(text), options.delayMs);
  };
  const obey = (line: string): void => {
    switch (line.slice(0, 4).toUpperCase()) {
      case "EHLO":
        say(greet(options, isSecure));
        break;
      case "RCPT":
        to = line.slice(line.indexOf("<") + 1, line.indexOf(">"));
        say("250 2.1.5 ok");
        break;
      case "DATA":
        isContent = true;
        rest = rest.length === 0 ? Buffer.from(lineEnd) : Buffer.concat([Buffer.from(lineEnd), rest]);
        say("354 go on");
        break;
      case "BDAT": {
        const [, bytes = "0", last] = line.split(" ");
        chunkBytes = Number(bytes);
        isLastChunk = last !== undefined;
        break;
      }
      case "STAR":
        socket.write(`220 2.0.0 ready${lineEnd}`);
        secure();
        break;
      case "QUIT":
        say("221 2.0.0 bye");
        flush();
        setTimeout(() => socket.end(), (options.delayMs ?? 0) + 1);
        break;
      default:
        say("250 2.0.0 ok");
    }
  };
  const secure = (): void => {
    raw.off("data", onData);
    socket = new TLSSocket(raw, {
      isServer: true,
      key: readFileSync(join(certificates, "mx.example.test.key")),
      cert: readFileSync(join(certificates, "mx.example.test.crt")),
    });
    isSecure = true;
    socket.on("data", onData);
    socket.on("error", () => raw.destroy());
  };
  /** Takes one step; false when more bytes are needed. */
  const step = (): boolean => {
    if (chunkBytes > 0) {
      const bytes = Math.min(chunkBytes, rest.length);
      chunkBytes -= bytes;
      rest = rest.subarray(bytes);
      if (chunkBytes > 0) return false;
      if (isLastChunk) endMessage();
      else say("250 2.0.0 ok");
      return true;
    }
    const end = rest.indexOf(isContent ? contentEnd : lineEnd);
    if (isContent) {
      // The end of the content may be cut by a packet.
      const known = end === -1 ? Math.max(0, rest.length - (contentEnd.length - 1)) : end + contentEnd.length;
      sample?.push(Buffer.from(rest.subarray(0, known)));
      rest = rest.subarray(known);
      if (end === -1) return false;
      isContent = false;
      endMessage();
      return true;
    }
    if (end === -1) return false;
    const line = rest.toString("latin1", 0, end);
    rest = rest.subarray(end + lineEnd.length);
    obey(line);
    return true;
  };
  const take: TakeBytes = (bytes) => {
    rest = bytes;
    while (rest.length > 0 && step());
    flush();
    return rest;
  };
  let kept = nothing;
  const onData = (bytes: Buffer): void => {
    kept = take(kept.length === 0 ? bytes : Buffer.concat([kept, bytes]));
  };
  const reader = readers.get(raw);
  if (reader === undefined) socket.on("data", onData);
  else {
    reader.take = take;
    socket.resume();
  }
  socket.write(`220 sink.example.test ESMTP${lineEnd}`);
}

function greet(options: SinkOptions, isSecure: boolean): string {
  const keywords = ["8BITMIME", "ENHANCEDSTATUSCODES"];
  if (options.offersPipelining !== false) keywords.push("PIPELINING");
  if (options.offersChunking === true) keywords.push("CHUNKING");
  if (options.offersTls === true && !isSecure) keywords.push("STARTTLS");
  return ["250-sink.example.test", ...keywords.map((word) => `250-${word}`), "250 SIZE 50000000"].join(lineEnd);
}
