/** SMTP servers that do what a test tells them, on real sockets: an obedient one with chosen answers, or a whole dialogue by hand. */

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";

import type { Ending } from "./endings.ts";

export type ReceivedMessage = {
  readonly from: string;
  readonly to: string;
  /** As it came over the wire, from the first header to the CRLF before the final dot. */
  readonly wire: Buffer;
  /** Without the doubled dots. */
  readonly content: Buffer;
  readonly isSecure: boolean;
  /** Number of the connection, from 1. */
  readonly connection: number;
  /** Address that the connection came from. */
  readonly source: string;
};

/** What the server answers, and what it does then. Nothing said and `silence` keeps the connection open for ever. */
export type Answer =
  | string
  | {
      readonly say?: string;
      readonly next: "close" | "reset" | "silence";
      /** At DOT: the message is taken, whatever is said. */
      readonly keeps?: boolean;
    };

/** Called with the command line; undefined means the obedient answer. */
export type Behaviour = Answer | ((line: string, peer: Peer) => Answer | undefined | Promise<Answer | undefined>);

/** DOT is the end of a message's content, after DATA or in a BDAT: an answer that begins with 2 keeps the message. */
export type Moment =
  | "CONNECT"
  | "EHLO"
  | "HELO"
  | "STARTTLS"
  | "MAIL"
  | "RCPT"
  | "DATA"
  | "DOT"
  | "RSET"
  | "NOOP"
  | "QUIT";

export type Script = {
  readonly on?: { readonly [M in Moment]?: Behaviour };
  /** Keywords after the first line of the answer to EHLO. */
  readonly extensions?: readonly string[];
  /** Plays the whole connection instead. */
  readonly dialogue?: (peer: Peer) => Promise<void>;
  /** Address to listen on; 127.0.0.1 when left out. */
  readonly address?: string;
  readonly port?: number;
  /** What STARTTLS leads to; a certificate that nobody vouches for when left out. */
  readonly tls?: PeerTls;
};

export type PeerTls = {
  /** `trusted` and `expired` are signed by `authority.crt`, for mx.example.test and hosts of one.test, two.test and three.test. */
  readonly certificate?: "mx.example.test" | "trusted" | "expired";
  /** Offers nothing newer. */
  readonly maxVersion?: "TLSv1.1";
};

/** One connection, seen from the server. */
export type Peer = {
  readonly connection: number;
  /** Address of the client. */
  readonly source: string;
  readonly isSecure: boolean;
  say(text: string | Buffer): void;
  /** The next line without its end; undefined once the client is gone. */
  line(): Promise<string | undefined>;
  /** Resolves true once these letters have come, without taking them. */
  peek(text: string): Promise<boolean>;
  /** Bytes up to the final dot, without it. */
  content(): Promise<Buffer | undefined>;
  /** So many bytes, as BDAT announces them. */
  bytes(count: number): Promise<Buffer | undefined>;
  /** Throws away what has come and was not taken, as servers do that cannot be sent ahead. */
  forget(): void;
  /** True when the handshake took up an earlier session. */
  readonly isResumed: boolean;
  secure(): Promise<void>;
  stopReading(): void;
  readOn(): void;
  close(): void;
  reset(): void;
  /** Resolves when the client has gone. */
  readonly gone: Promise<void>;
};

export type ScriptedSmtp = {
  readonly address: string;
  readonly port: number;
  readonly messages: readonly ReceivedMessage[];
  /** Every command line of every connection, in order of arrival. */
  readonly commands: readonly string[];
  /** Connections taken so far, and those open now. */
  readonly connections: number;
  readonly openConnections: number;
  /** Changes behaviour while it runs. */
  behave(on: Script["on"]): void;
  close(): Promise<void>;
};

export const usualExtensions: readonly string[] = [
  "PIPELINING",
  "SIZE 20000000",
  "8BITMIME",
  "SMTPUTF8",
  "ENHANCEDSTATUSCODES",
];

/** With CHUNKING, what a client needs to have several messages under way. */
export const chunkingExtensions: readonly string[] = [...usualExtensions, "CHUNKING"];

const certificates = join(import.meta.dirname, "certificates");

/** Starts a server; it is closed at the end of the test. */
export async function aScriptedSmtp(t: Ending, script: Script = {}): Promise<ScriptedSmtp> {
  const messages: ReceivedMessage[] = [];
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let on: Script["on"] = script.on ?? {};

  const server = createServer({ noDelay: true }, (socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    const peer = makePeer(socket, connections, commands, script.tls ?? {});
    const playing =
      script.dialogue === undefined ? obey(peer, script, () => on ?? {}, messages) : script.dialogue(peer);
    playing.catch(() => socket.destroy());
  });
  server.listen(script.port ?? 0, script.address ?? "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, "close");
  };
  t.after(close);

  return {
    address: script.address ?? "127.0.0.1",
    port: typeof bound === "object" && bound !== null ? bound.port : 0,
    messages,
    commands,
    get connections() {
      return connections;
    },
    get openConnections() {
      return sockets.size;
    },
    behave: (changed) => {
      on = changed;
    },
    close,
  };
}

async function obey(
  peer: Peer,
  script: Script,
  behaviours: () => NonNullable<Script["on"]>,
  messages: ReceivedMessage[],
): Promise<void> {
  const extensions = script.extensions ?? usualExtensions;
  let from = "";
  let to = "";
  let hasSender = false;
  let hasRecipient = false;
  const answer = async (moment: Moment, line: string, obedient: string): Promise<Answer> => {
    const behaviour = behaviours()[moment];
    return (typeof behaviour === "function" ? await behaviour(line, peer) : behaviour) ?? obedient;
  };
  /** Says the answer; false when the dialogue is over. */
  const give = (given: Answer): boolean => {
    if (typeof given === "string") {
      peer.say(`${given}\r\n`);
      return true;
    }
    if (given.say !== undefined) peer.say(`${given.say}\r\n`);
    if (given.next === "close") peer.close();
    if (given.next === "reset") peer.reset();
    return false;
  };

  if (!give(await answer("CONNECT", "", "220 mx.example.test ESMTP"))) return;
  for (;;) {
    const line = await peer.line();
    if (line === undefined) return;
    const verb = line.split(/[\s:]/)[0]?.toUpperCase() ?? "";
    switch (verb) {
      case "EHLO": {
        const offered = peer.isSecure ? extensions.filter((keyword) => keyword !== "STARTTLS") : extensions;
        const lines = ["mx.example.test", ...offered];
        const obedient = lines.map((text, index) => `250${index === lines.length - 1 ? " " : "-"}${text}`).join("\r\n");
        if (!give(await answer("EHLO", line, obedient))) return;
        break;
      }
      case "STARTTLS": {
        const given = await answer("STARTTLS", line, "220 2.0.0 ready");
        if (!give(given)) return;
        if (typeof given === "string" && given.startsWith("220")) await peer.secure();
        break;
      }
      case "MAIL": {
        from = /<(.*?)>/.exec(line)?.[1] ?? "";
        hasRecipient = false;
        const given = await answer("MAIL", line, "250 2.1.0 ok");
        hasSender = typeof given === "string" && given.startsWith("2");
        if (!give(given)) return;
        break;
      }
      case "RCPT": {
        to = /<(.*?)>/.exec(line)?.[1] ?? "";
        const given = await answer("RCPT", line, hasSender ? "250 2.1.5 ok" : "503 5.5.1 MAIL first");
        hasRecipient = typeof given === "string" && given.startsWith("2");
        if (!give(given)) return;
        break;
      }
      case "DATA": {
        const given = await answer("DATA", line, hasRecipient ? "354 go on" : "503 5.5.1 no valid recipients");
        if (!give(given)) return;
        if (typeof given !== "string" || !given.startsWith("354")) break;
        const wire = await peer.content();
        if (wire === undefined) return;
        const verdict = await answer("DOT", `${from} ${to}`, "250 2.0.0 queued");
        if (isTaken(verdict)) {
          messages.push({
            from,
            to,
            wire,
            content: unstuff(wire),
            isSecure: peer.isSecure,
            connection: peer.connection,
            source: peer.source,
          });
        }
        if (!give(verdict)) return;
        break;
      }
      case "BDAT": {
        const wire = await peer.bytes(Number(line.split(" ")[1] ?? 0));
        if (wire === undefined) return;
        const obedient = hasRecipient ? "250 2.0.0 queued" : "503 5.5.1 no valid recipients";
        const verdict = await answer("DOT", `${from} ${to}`, obedient);
        if (isTaken(verdict) && hasRecipient)
          messages.push({
            from,
            to,
            wire,
            content: wire,
            isSecure: peer.isSecure,
            connection: peer.connection,
            source: peer.source,
          });
        hasRecipient = false;
        if (!give(verdict)) return;
        break;
      }
      case "NOOP":
        if (!give(await answer("NOOP", line, "250 2.0.0 ok"))) return;
        break;
      case "RSET":
        hasSender = false;
        hasRecipient = false;
        if (!give(await answer("RSET", line, "250 2.0.0 ok"))) return;
        break;
      case "QUIT":
        give(await answer("QUIT", line, "221 2.0.0 bye"));
        return peer.close();
      case "HELO":
        if (!give(await answer("HELO", line, "250 mx.example.test"))) return;
        break;
      default:
        peer.say("500 5.5.1 unknown command\r\n");
    }
  }
}

function isTaken(verdict: Answer): boolean {
  if (typeof verdict === "string") return verdict.startsWith("2");
  return verdict.keeps === true || (verdict.say ?? "").startsWith("2");
}

/** Removes the dots that were doubled. */
export function unstuff(wire: Buffer): Buffer {
  return Buffer.from(wire.toString("latin1").replace(/(^|\r\n)\./g, "$1"), "latin1");
}

const contexts = new Map<string, SecureContext>();

/** One for all connections, so that sessions can be taken up again. */
function sharedContext({ certificate = "mx.example.test", maxVersion }: PeerTls): SecureContext {
  const name = `${certificate} ${maxVersion ?? ""}`;
  const context =
    contexts.get(name) ??
    createSecureContext({
      ...readCertificate(certificate),
      // OpenSSL refuses what is old at any higher level.
      ...(maxVersion === undefined ? {} : { maxVersion, minVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0" }),
    });
  contexts.set(name, context);
  return context;
}

/** A certificate of this folder with its key, in PEM. */
export function readCertificate(name: NonNullable<PeerTls["certificate"]>): { key: string; cert: string } {
  const key = name === "expired" ? "trusted" : name;
  return {
    key: readFileSync(join(certificates, `${key}.key`), "utf8"),
    cert: readFileSync(join(certificates, `${name}.crt`), "utf8"),
  };
}

/** The file of the authority that signed `trusted` and `expired`, for NODE_EXTRA_CA_CERTS. */
export const authorityFile = join(certificates, "authority.crt");

function makePeer(raw: Socket, connection: number, commands: string[], tls: PeerTls): Peer {
  let socket: Socket = raw;
  let buffered: Buffer = Buffer.alloc(0);
  let isGone = false;
  let wake = (): void => undefined;
  const wakeAll = (): void => {
    const waiting = wake;
    wake = () => undefined;
    waiting();
  };
  const gone = new Promise<void>((resolve) => {
    raw.on("close", () => {
      isGone = true;
      wakeAll();
      resolve();
    });
  });
  const onData = (chunk: Buffer): void => {
    buffered = Buffer.concat([buffered, chunk]);
    wakeAll();
  };
  const attach = (): void => {
    socket.on("data", onData);
    socket.on("error", () => undefined);
    socket.on("end", () => socket.end());
  };
  attach();
  /** Resolves when bytes have come or the client is gone. */
  const nextChange = (): Promise<void> =>
    new Promise((resolve) => {
      const earlier = wake;
      wake = () => {
        earlier();
        resolve();
      };
    });
  /** Takes bytes up to the mark, which is dropped. */
  const takeUntil = async (mark: string, keep: number): Promise<Buffer | undefined> => {
    for (;;) {
      const at = buffered.indexOf(mark);
      if (at !== -1) {
        const taken = buffered.subarray(0, at + keep);
        buffered = buffered.subarray(at + mark.length);
        return taken;
      }
      if (isGone) return undefined;
      await nextChange();
    }
  };
  let isSecure = false;
  let isResumed = false;
  return {
    connection,
    source: raw.remoteAddress ?? "",
    get isResumed() {
      return isResumed;
    },
    get isSecure() {
      return isSecure;
    },
    gone,
    say: (text) => {
      socket.write(text);
    },
    line: async () => {
      const line = (await takeUntil("\r\n", 0))?.toString("utf8");
      if (line !== undefined) commands.push(line);
      return line;
    },
    peek: async (text) => {
      for (;;) {
        if (buffered.includes(text)) return true;
        if (isGone) return false;
        await nextChange();
      }
    },
    content: async () => {
      // An empty message has no CRLF of its own before the final dot.
      buffered = Buffer.concat([Buffer.from("\r\n"), buffered]);
      const content = await takeUntil("\r\n.\r\n", 2);
      return content?.subarray(2);
    },
    bytes: async (count) => {
      while (buffered.length < count) {
        if (isGone) return undefined;
        await nextChange();
      }
      const taken = buffered.subarray(0, count);
      buffered = buffered.subarray(count);
      return taken;
    },
    forget: () => {
      buffered = Buffer.alloc(0);
    },
    secure: async () => {
      raw.off("data", onData);
      const secured = new TLSSocket(raw, {
        isServer: true,
        secureContext: sharedContext(tls),
      });
      socket = secured;
      buffered = Buffer.alloc(0);
      secured.on("error", () => raw.destroy());
      attach();
      await once(secured, "secure");
      isSecure = true;
      isResumed = secured.isSessionReused();
    },
    stopReading: () => {
      socket.pause();
    },
    readOn: () => {
      socket.resume();
    },
    close: () => {
      socket.end();
    },
    reset: () => {
      raw.resetAndDestroy();
    },
  };
}
