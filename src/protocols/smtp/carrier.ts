/** What both ways of sending share: the session's memory, and how a carrier is used. */

import type { Conversation } from "./conversation.ts";
import type { Timeouts } from "./open-session.ts";
import type { Loss, SendingStage, SendOutcome } from "./outcome.ts";
import type { Message } from "./prepare-envelope.ts";
import type { Extensions } from "./read-extensions.ts";
import type { SmtpReply } from "./reply.ts";

/**
 * Whether a server stands it that the next message begins before the last one is answered:
 * `untried`, `proved` or `failed` in this session.
 */
export type RunningOn = "untried" | "proved" | "failed";

/** What is remembered from one message to the next. */
export type SessionState = {
  /** A transaction was begun and not ended: RSET must come before the next MAIL. */
  needsReset: boolean;
  isUsable: boolean;
  sentCount: number;
  runningOn: RunningOn;
};

/** The session that messages are sent over. */
export type Sending = {
  readonly conversation: Conversation;
  readonly extensions: Extensions;
  readonly isPipelined: boolean;
  readonly mayTryRunningOn: boolean;
  readonly timeouts: Timeouts;
  readonly state: SessionState;
};

/** Carries messages over one session, one way or the other. */
export type Carrier = {
  send(message: Message): Promise<SendOutcome>;
  /** Messages that may be under way at the same time. */
  readonly window: number;
  readonly inFlight: number;
};

/** 354 belongs to DATA and to nothing else; DATA is never answered with 2xx. */
export function fits(stage: SendingStage, reply: SmtpReply): boolean {
  return stage === "data" ? reply.code === 354 || reply.code >= 400 : isGood(reply) || reply.code >= 400;
}

/** True for 4xx and 5xx. */
export function isRefusal(reply: SmtpReply): boolean {
  return reply.code >= 400;
}

/** How long a content may take to be taken. */
export function contentLimitMs(timeouts: Timeouts, bytes: number): number {
  return Math.max(timeouts.contentMs, (bytes / timeouts.slowestBytesPerSec) * 1_000);
}

/** The session cannot go on, and the server surely has not the message. */
export function lose(state: SessionState, stage: SendingStage, loss: Loss): SendOutcome {
  state.isUsable = false;
  return { kind: "lost", stage, loss };
}

function isGood(reply: SmtpReply): boolean {
  return reply.code >= 200 && reply.code < 300;
}
