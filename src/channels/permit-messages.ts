/** What a sender and the statistics server say to each other, and how it stands in a datagram: signed JSON. */

import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";

/** One of our public addresses and one address of a remote mail exchanger. */
export type Path = {
  /** Name of the mail exchanger: rules are matched on it. */
  readonly host: string;
  readonly address: string;
  readonly publicId: number;
};

export type TlsRule = "default" | "disabled" | "opportunistic" | "required";

/** What the rule of a path allows on each connection. */
export type ConnectionLimits = {
  readonly maxMessages: number;
  readonly connectionTimeoutMs: number;
  readonly dataTimeoutMs: number;
  readonly otherTimeoutMs: number;
  readonly tls: TlsRule;
};

/** What a sender knows of one path: a restarted server takes it over. */
export type PathReport = {
  readonly path: Path;
  readonly openConnections: number;
  /** Tokens spent in the last twelve slices of five minutes; index 0 is the slice under way. */
  readonly spent: readonly number[];
};

export type Question =
  /** Leave for one connection, with a first lot of tokens. */
  | { readonly kind: "connect"; readonly path: Path }
  /** A further lot for a connection. */
  | { readonly kind: "tokens"; readonly path: Path; readonly wanted: number }
  /** A connection is closed; what it did not use goes back. */
  | { readonly kind: "release"; readonly path: Path; readonly unused: number }
  | {
      readonly kind: "report";
      readonly number: number;
      readonly isLast: boolean;
      readonly paths: readonly PathReport[];
    }
  /** A sender died without saying so. */
  | { readonly kind: "forget"; readonly client: string }
  /** The MX rules were changed. */
  | { readonly kind: "reload" };

export type Answer =
  /** `tokens` undefined: as many messages as the connection may carry. */
  | { readonly kind: "granted"; readonly tokens?: number; readonly limits?: ConnectionLimits }
  | { readonly kind: "wait"; readonly retryAfterMs: number; readonly reason: "connections" | "quota" }
  | { readonly kind: "done" }
  /** The server does not know the sender, since it was restarted: a report must come first. */
  | { readonly kind: "report_first" };

/** What the server says unasked: another sender waits for a connection of a path where this one has most. */
export type Notice = { readonly kind: "yield"; readonly path: Path };

export type Request = {
  readonly client: string;
  /** Counts a sender's questions: a repeated one is answered again, not carried out again. */
  readonly sequence: number;
  /** The server's run that the sender last heard of; 0 before the first answer. */
  readonly epoch: number;
  readonly question: Question;
};

export type Response = {
  readonly client: string;
  /** 0 for a notice. */
  readonly sequence: number;
  readonly epoch: number;
  readonly answer: Answer | Notice;
};

export const slicesPerHour = 12;
export const sliceMs = 300_000;
/** Senders report this often. */
export const reportIntervalMs = 120_000;
/** Fits one datagram on every network that keeps fragments, and is no burden for one that does not. */
export const longestDatagramBytes = 8_192;

const magic = Buffer.from("PST1");
const signatureBytes = 16;
const headBytes = magic.length + signatureBytes;

/** Signs a message with the key "permits" of the instance. */
export function writeDatagram(key: KeyObject, message: Request | Response): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  return Buffer.concat([magic, sign(key, body), body]);
}

/** The message of a datagram that carries our signature; undefined for every other one. */
export function readRequest(key: KeyObject, datagram: Buffer): Request | undefined {
  const message = open(key, datagram);
  return message !== undefined && "question" in message ? (message as Request) : undefined;
}

/** The same for what the server answers. */
export function readResponse(key: KeyObject, datagram: Buffer): Response | undefined {
  const message = open(key, datagram);
  return message !== undefined && "answer" in message ? (message as Response) : undefined;
}

/** One text for each path. */
export function pathKey(path: Path): string {
  return `${path.publicId}|${path.address}|${path.host}`;
}

function open(key: KeyObject, datagram: Buffer): object | undefined {
  if (
    datagram.length <= headBytes ||
    datagram.length > longestDatagramBytes ||
    !datagram.subarray(0, magic.length).equals(magic)
  )
    return undefined;
  const body = datagram.subarray(headBytes);
  if (!timingSafeEqual(datagram.subarray(magic.length, headBytes), sign(key, body))) return undefined;
  // Whoever holds the key writes what the types say: the signature is the parser.
  const message: unknown = JSON.parse(body.toString("utf8"));
  return typeof message === "object" && message !== null ? message : undefined;
}

function sign(key: KeyObject, body: Buffer): Buffer {
  return createHmac("sha256", key).update(body).digest().subarray(0, signatureBytes);
}
