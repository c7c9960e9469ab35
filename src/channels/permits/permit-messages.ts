/** What a sender and the statistics server say to each other: leave to connect, tokens, what servers answered, what waits. */

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

/** Slices of five minutes are numbered by the server's clock: 0 began with 1970. Pairs of a slice and a count. */
export type BySlice = readonly (readonly [slice: number, count: number])[];

/** What a sender knows of one path: a restarted server takes it over. */
export type PathReport = {
  readonly path: Path;
  readonly openConnections: number;
  /** Tokens taken in the last twelve slices, less those that were given back. */
  readonly spent: BySlice;
  /** Tokens, of those, whose message has not come to its end. */
  readonly outstanding: BySlice;
  /** The share of the path's allowance that the server last named, when it was below 1. */
  readonly flow?: number;
};

/** What servers did on a path since the last time; what is 0 is left out. */
export type PathCounts = {
  /** Connections that were tried. */
  connections?: number;
  /** Messages that the server took. */
  accepted?: number;
  /** Messages that it refused, for good or for now. */
  messageErrors?: number;
  /** Answers that ask for less: 421, 4.7.x. */
  throttled?: number;
  /** Connections that failed without an answer, by reason. */
  failed?: number;
  refused?: number;
  timeouts?: number;
  /** Connections that were lost midway. */
  aborted?: number;
};

/**
 * What a path did, and how many messages of tokens came to their end: those of which slice, surely before its end, and perhaps after it.
 * The latter count in the slice in which the server hears of them.
 */
export type PathNews = {
  readonly path: Path;
  readonly counts: PathCounts;
  readonly ended: readonly (readonly [slice: number, inTime: number, late: number])[];
};

/** `database`: the server cannot write, or not be sure that nobody else grants. */
export type WaitReason = "connections" | "quota" | "flow" | "warmUp" | "starting" | "database";

/** Messages of one destination that wait in a sender. Times are in milliseconds from now. */
export type Waiting = {
  readonly destination: string;
  /** The path that was asked for last; undefined before the first. */
  readonly path?: Path;
  readonly messages: number;
  readonly reason: WaitReason | "unreachable" | "room";
  readonly sinceMs: number;
  /** Until the next try. */
  readonly forMs: number;
};

export type Question =
  /** Leave for one connection, with a first lot of tokens. */
  | { readonly kind: "connect"; readonly path: Path }
  /** A further lot for a connection. */
  | { readonly kind: "tokens"; readonly path: Path; readonly wanted: number }
  /** A connection is closed; what it did not use goes back. */
  | { readonly kind: "release"; readonly path: Path; readonly unused: number; readonly slice?: number }
  /** Tokens of a slice that is over were not used. */
  | { readonly kind: "refund"; readonly path: Path; readonly unused: number; readonly slice: number }
  /** What happened since the last time; also the sign of life of a sender that holds something. */
  | { readonly kind: "news"; readonly paths: readonly PathNews[]; readonly waiting?: readonly Waiting[] }
  | {
      readonly kind: "report";
      readonly number: number;
      readonly isLast: boolean;
      readonly paths: readonly PathReport[];
    }
  /** A sender ends in an orderly way. */
  | { readonly kind: "leave" }
  /** A sender died without saying so. */
  | { readonly kind: "forget"; readonly client: string }
  /** The MX rules were changed. */
  | { readonly kind: "reload" }
  /** Paths behind the one named, in their order. Padded, so that the answer is never longer than the question. */
  | { readonly kind: "show"; readonly after: string; readonly padding: string };

export type Answer =
  /** `tokens` undefined: as many messages as the connection may carry. They are good for the slice named, which still lasts so long. */
  | {
      readonly kind: "granted";
      readonly tokens?: number;
      readonly slice?: number;
      readonly sliceLeftMs?: number;
      readonly limits?: ConnectionLimits;
      readonly flow?: number;
    }
  | { readonly kind: "wait"; readonly retryAfterMs: number; readonly reason: WaitReason; readonly flow?: number }
  /** The slice is the one under way, for who told of messages that ended late. */
  | { readonly kind: "done"; readonly slice?: number }
  | {
      readonly kind: "shown";
      readonly overview: Overview;
      readonly paths: readonly ShownPath[];
      readonly isLast: boolean;
    }
  /** The server does not know the sender, since it was restarted: a report must come first. */
  | { readonly kind: "report_first" };

/** What is known of the whole. */
export type Overview = {
  readonly rules: number;
  readonly senders: number;
  readonly paths: number;
  readonly openConnections: number;
  /** Datagrams that were not ours, or not whole. */
  readonly refused: number;
  readonly upMs: number;
  /** Nothing is granted for so long yet: senders that were known before the restart are still to report. */
  readonly startingForMs: number;
  /** Nothing is granted since so long: the server has no word of its database that nobody else grants. */
  readonly pausedForMs: number;
};

/** Messages that count towards a limit; 0 = none. */
export type ShownLimit = {
  /** Granted to senders. */
  readonly spent: number;
  /**
   * What the limit has besides no room for: set aside before a restart for senders that have not said what they used of it, and messages of
   * earlier slices that are under way.
   */
  readonly setAside: number;
  readonly limit: number;
};

/** One path as `postrider stat -show` shows it. Limits of 0 mean none. */
export type ShownPath = {
  readonly key: string;
  readonly path: Path;
  readonly rule: { readonly id: number; readonly mask: string };
  readonly openConnections: number;
  readonly maxConnections: number;
  readonly slice: ShownLimit;
  readonly hour: ShownLimit;
  /** Tokens that senders hold, and whose message has not come to its end. */
  readonly tokensHeld: number;
  readonly sliceLeftMs: number;
  readonly flow?: { readonly level: number; readonly nextProbeMs: number; readonly sinceMs: number };
  readonly warmUp?: { readonly day: number; readonly sent: number } & Pick<ShownLimit, "setAside" | "limit">;
  readonly waiting: readonly (Waiting & { readonly client: string })[];
};

/** What the server says unasked: another sender waits for a connection of a path where this one has most. */
export type Notice = { readonly kind: "yield"; readonly path: Path; readonly number: number };

export type Request = {
  readonly client: string;
  /** Counts a sender's questions: a repeated one is answered again, not carried out again. */
  readonly sequence: number;
  /** The session that the server last named; 0 before the first answer. */
  readonly epoch: number;
  readonly question: Question;
};

export type Response = {
  readonly client: string;
  /** 0 for a notice. */
  readonly sequence: number;
  readonly epoch: number;
  readonly answer: Answer | Notice;
  /** The server cannot be sure that no other one grants: the sender's connections are not counted on. */
  readonly isPaused?: true;
};

export const slicesPerHour = 12;
export const sliceMs = 300_000;
/** Senders report this often. */
export const reportIntervalMs = 120_000;
/** Senders that hold something are heard of this often at least: a restarted server is found within it. */
export const signOfLifeMs = 2_000;
/**
 * A sender without word of a server that grants ends its connections after so long, each after its message: the next server may be one that
 * it does not reach, and that does not count them.
 */
export const connectionLeaseMs = 8_000;
/** Fits one datagram on every network that keeps fragments, and is no burden for one that does not. */
export const longestDatagramBytes = 8_192;

/** One text for each path. */
export function pathKey(path: Path): string {
  return `${path.publicId}|${path.address}|${path.host}`;
}
