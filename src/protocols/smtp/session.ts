/** An open SMTP session: sends messages, one after another or several at once, and says whether it can send another. */

import type { Carrier, RunningOn, SessionState } from "./carrier.ts";
import type { Conversation } from "./conversation.ts";
import type { Timeouts } from "./open-session.ts";
import type { SendOutcome } from "./outcome.ts";
import type { Message } from "./prepare-envelope.ts";
import type { Extensions } from "./read-extensions.ts";
import { sendByChunks } from "./send-by-chunks.ts";
import { sendByData } from "./send-by-data.ts";
import { testRecipient } from "./test-recipient.ts";

export type Session = {
  readonly extensions: Extensions;
  readonly isSecure: boolean;
  /** True when MAIL, RCPT and DATA go out together. */
  readonly isPipelined: boolean;
  /** Messages that the server has accepted in this session. */
  readonly sentCount: number;
  /** False once the connection is lost, out of step, or given notice by the server. */
  readonly isUsable: boolean;
  /** Messages that may be under way at the same time: 1, 3 where envelopes follow the dot, up to 8 by BDAT. It changes as the server proves itself. */
  readonly window: number;
  /** True while the system has not taken all that was written: the memory of contents is still read. */
  readonly isWriting: boolean;
  /** What the server made of a message that began before the last one was answered. */
  readonly runningOn: RunningOn;
  /** Sends one message; not more of them at the same time than `window` says. */
  send(message: Message): Promise<SendOutcome>;
  /** Asks for the recipient alone, and gives no content; while nothing else is under way. */
  test(message: Message): Promise<SendOutcome>;
  /** Takes leave of the server, and cuts the connection whatever it answers. */
  quit(): Promise<void>;
  /** Cuts the connection at once; a message under way comes out as lost or in doubt. */
  cut(): void;
};

/**
 * What is known of a server: `never` = each message waits for the answer to the one before; `try` = it may be probed;
 * `proved` = it was seen to stand the next envelope behind the dot.
 */
export type RunOnRule = "never" | "try" | "proved";

const longestGoodbyeMs = 5_000;

/** Wraps a conversation whose introduction is over. */
export function makeSession(
  conversation: Conversation,
  extensions: Extensions,
  options: { readonly timeouts: Timeouts; readonly mayPipeline?: boolean; readonly runOn?: RunOnRule },
): Session {
  const runOn = options.runOn ?? "never";
  const state: SessionState = {
    needsReset: false,
    isUsable: true,
    sentCount: 0,
    runningOn: runOn === "proved" ? "proved" : "untried",
  };
  const isPipelined = extensions.pipelining && options.mayPipeline !== false;
  const sending = {
    conversation,
    extensions,
    isPipelined,
    mayTryRunningOn: runOn === "try",
    timeouts: options.timeouts,
    state,
  };
  const isChunked = extensions.chunking && isPipelined && runOn !== "never";
  const byData = sendByData(sending);
  const byChunks = isChunked ? sendByChunks(sending) : undefined;
  /** Only 354 belongs to one command alone: a server whose replies are out of step shows itself at DATA, by BDAT all replies are 250. */
  let carrier: Carrier = byData;
  return {
    extensions,
    isPipelined,
    isSecure: conversation.isSecure,
    get sentCount() {
      return state.sentCount;
    },
    get isUsable() {
      const isInStep = carrier.inFlight > 0 || !conversation.hasUnheard();
      return state.isUsable && conversation.loss === undefined && isInStep;
    },
    get window() {
      return byChunks !== undefined && carrier === byData ? 1 : carrier.window;
    },
    get isWriting() {
      return conversation.isWriting;
    },
    get runningOn() {
      return state.runningOn;
    },
    send: async (message) => {
      const outcome = await carrier.send(message);
      if (byChunks !== undefined && state.sentCount > 0 && byData.inFlight === 0) carrier = byChunks;
      if (!state.isUsable && carrier.inFlight === 0) conversation.cut();
      return outcome;
    },
    test: async (message) => {
      const outcome = await testRecipient(sending, message);
      if (!state.isUsable) conversation.cut();
      return outcome;
    },
    quit: async () => {
      if (state.isUsable && conversation.loss === undefined) {
        state.isUsable = false;
        conversation.say("QUIT\r\n");
        await conversation.hear(Math.min(longestGoodbyeMs, options.timeouts.commandMs));
        conversation.close();
      } else conversation.cut();
    },
    cut: () => {
      state.isUsable = false;
      conversation.cut();
    },
  };
}
