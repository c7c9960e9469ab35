/** Opens an SMTP session: connection, greeting, EHLO or HELO, and STARTTLS as the policy says. */

import { connect } from "./connect.ts";
import type { Conversation, TlsSessions, Trace } from "./conversation.ts";
import type { Loss, OpeningFailure, OpeningStage } from "./outcome.ts";
import { noExtensions, readExtensions, type Extensions } from "./read-extensions.ts";
import { isAccepting, isPermanent, type SmtpReply } from "./reply.ts";
import { makeSession, type RunOnRule, type Session } from "./session.ts";

export type TlsMode = "disabled" | "opportunistic" | "required";

export type Timeouts = {
  readonly connectMs: number;
  /** From the connection to the end of the greeting. */
  readonly greetingMs: number;
  /** Each command, and the TLS handshake. */
  readonly commandMs: number;
  /** Taking the content. */
  readonly contentMs: number;
  /** Slower than this a server is not taking the content, it is holding us: a large content has the time that it needs at this rate. */
  readonly slowestBytesPerSec: number;
  /** The reply to the final dot. */
  readonly finalReplyMs: number;
};

export type SessionOptions = {
  /** IP address or name to connect to. */
  readonly address: string;
  readonly port: number;
  readonly localAddress?: string;
  /** The name the server should have: sent in the handshake, checked when `mustVerify`. */
  readonly serverName: string;
  /** How we introduce ourselves. */
  readonly heloName: string;
  readonly tls: TlsMode;
  /** With `required`: the certificate must be valid for `serverName`. */
  readonly mustVerify?: boolean;
  /** Certificates in PEM that are trusted instead of the system's, for `mustVerify`. */
  readonly trusted?: readonly string[];
  /** False for a server that announces PIPELINING and cannot do it. */
  readonly mayPipeline?: boolean;
  /** Whether a message may begin before the one before is answered; `never` when left out. */
  readonly runOn?: RunOnRule;
  readonly tlsSessions?: TlsSessions;
  readonly timeouts: Timeouts;
  readonly trace?: Trace;
  /** Breaks off the opening: the outcome is a loss. A session that is open is not concerned. */
  readonly signal?: AbortSignal;
};

export type OpeningOutcome =
  | {
      readonly kind: "open";
      readonly session: Session;
      /** Why the session is a plain one although the server offers STARTTLS. */
      readonly plainBecause?: OpeningFailure;
    }
  | OpeningFailure;

/**
 * Opens a session. With opportunistic TLS a failed handshake is followed by one new connection without TLS; with required
 * TLS nothing but EHLO, STARTTLS and QUIT ever goes out in plain text.
 * @source RFC 5321 section 3.1 and 4.1.4, RFC 3207, RFC 7435
 */
export async function openSession(options: SessionOptions): Promise<OpeningOutcome> {
  const first = await openOnce(options);
  if (options.tls !== "opportunistic" || first.kind === "open") return first;
  if (first.stage !== "starttls" || isInjection(first)) return first;
  const second = await openOnce({ ...options, tls: "disabled" });
  return second.kind === "open" ? { ...second, plainBecause: first } : second;
}

async function openOnce(options: SessionOptions): Promise<OpeningOutcome> {
  const { address, port, localAddress, timeouts, trace, signal } = options;
  const connected = await connect({
    address,
    port,
    limitMs: timeouts.connectMs,
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(trace === undefined ? {} : { trace }),
    ...(signal === undefined ? {} : { signal }),
  });
  if ("cause" in connected) return lost("connect", connected);
  const breakOff = (): void => connected.cut();
  signal?.addEventListener("abort", breakOff, { once: true });
  const outcome = await introduce(connected, options);
  signal?.removeEventListener("abort", breakOff);
  if (outcome.kind !== "open") connected.close();
  return outcome;
}

async function introduce(conversation: Conversation, options: SessionOptions): Promise<OpeningOutcome> {
  const greeting = await conversation.hear(options.timeouts.greetingMs);
  if (greeting.kind === "lost") return lost("greeting", greeting.loss);
  if (!isAccepting(greeting.reply)) return refused("greeting", greeting.reply);
  if (conversation.hasUnheard()) return lost("greeting", outOfStep);

  const hello = await sayHello(conversation, options);
  if (!("extensions" in hello)) return hello;
  if (options.tls === "disabled" || (options.tls === "opportunistic" && !hello.extensions.startTls)) {
    return { kind: "open", session: makeSession(conversation, hello.extensions, options) };
  }
  if (!hello.extensions.startTls)
    return lost("starttls", { cause: "tls", text: "TLS is required, and the server does not offer STARTTLS" });

  const failure = await startTls(conversation, options);
  if (failure !== undefined) return failure;
  // What was said in plain text may have been said by someone else (RFC 3207 section 4.2).
  const secureHello = await sayHello(conversation, options);
  if (!("extensions" in secureHello)) return secureHello;
  return { kind: "open", session: makeSession(conversation, secureHello.extensions, options) };
}

async function sayHello(
  conversation: Conversation,
  { heloName, timeouts }: SessionOptions,
): Promise<{ readonly extensions: Extensions } | OpeningFailure> {
  conversation.say(`EHLO ${heloName}\r\n`);
  const ehlo = await conversation.hear(timeouts.commandMs);
  if (ehlo.kind === "lost") return lost("hello", ehlo.loss);
  if (conversation.hasUnheard()) return lost("hello", outOfStep);
  if (isAccepting(ehlo.reply)) return { extensions: readExtensions(ehlo.reply) };
  if (!isPermanent(ehlo.reply)) return refused("hello", ehlo.reply);

  conversation.say(`HELO ${heloName}\r\n`);
  const helo = await conversation.hear(timeouts.commandMs);
  if (helo.kind === "lost") return lost("hello", helo.loss);
  if (conversation.hasUnheard()) return lost("hello", outOfStep);
  return isAccepting(helo.reply) ? { extensions: noExtensions } : refused("hello", helo.reply);
}

async function startTls(conversation: Conversation, options: SessionOptions): Promise<OpeningFailure | undefined> {
  conversation.say("STARTTLS\r\n");
  const answer = await conversation.hear(options.timeouts.commandMs);
  if (answer.kind === "lost") return lost("starttls", answer.loss);
  if (!isAccepting(answer.reply)) return refused("starttls", answer.reply);
  // Bytes behind this reply were put there to be taken for answers inside TLS (CVE-2011-0411).
  if (conversation.hasUnheard()) return lost("starttls", injected);
  const loss = await conversation.secure({
    serverName: options.serverName,
    mustVerify: options.tls === "required" && options.mustVerify === true,
    limitMs: options.timeouts.commandMs,
    ...(options.tlsSessions === undefined ? {} : { sessions: options.tlsSessions }),
    ...(options.trusted === undefined ? {} : { trusted: options.trusted }),
  });
  return loss === undefined ? undefined : lost("starttls", loss);
}

const outOfStep: Loss = { cause: "protocol", text: "the server answers ahead of the commands" };
const injected: Loss = { cause: "protocol", text: "bytes stood between STARTTLS and the handshake" };

function isInjection(failure: OpeningFailure): boolean {
  return failure.kind === "lost" && failure.loss === injected;
}

function lost(stage: OpeningStage, loss: Loss): OpeningFailure {
  return { kind: "lost", stage, loss };
}

function refused(stage: OpeningStage, reply: SmtpReply): OpeningFailure {
  return { kind: "refused", stage, reply };
}
