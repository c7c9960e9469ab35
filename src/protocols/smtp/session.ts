/** An open SMTP session: sends messages one after another, and says whether it can send another. */

import type { Conversation } from "./converse.ts";
import type { Timeouts } from "./open-session.ts";
import type { SendOutcome } from "./outcome.ts";
import type { Extensions } from "./read-extensions.ts";
import { type Message, sendMessage } from "./send-message.ts";

export type Session = {
  readonly extensions: Extensions;
  readonly isSecure: boolean;
  /** True when MAIL, RCPT and DATA go out together. */
  readonly isPipelined: boolean;
  /** Messages that the server has accepted in this session. */
  readonly sentCount: number;
  /** False once the connection is lost, out of step, or given notice by the server. */
  readonly isUsable: boolean;
  /** Sends one message; must not be called again before its answer. */
  send(message: Message): Promise<SendOutcome>;
  /** Takes leave of the server, and cuts the connection whatever it answers. */
  quit(): Promise<void>;
  /** Cuts the connection at once; a message under way comes out as lost or in doubt. */
  cut(): void;
};

/** What is remembered from one message to the next. */
export type SessionState = {
  /** A transaction was begun and not ended: RSET must come before the next MAIL. */
  needsReset: boolean;
  isUsable: boolean;
  sentCount: number;
};

const longestGoodbyeMs = 5_000;

/** Wraps a conversation whose introduction is over. */
export function makeSession(
  conversation: Conversation,
  extensions: Extensions,
  options: { readonly timeouts: Timeouts; readonly mayPipeline?: boolean },
): Session {
  const state: SessionState = { needsReset: false, isUsable: true, sentCount: 0 };
  const isPipelined = extensions.pipelining && options.mayPipeline !== false;
  return {
    extensions,
    isPipelined,
    isSecure: conversation.isSecure,
    get sentCount() {
      return state.sentCount;
    },
    get isUsable() {
      return state.isUsable && conversation.loss === undefined && !conversation.hasUnheard();
    },
    send: async (message) => {
      const outcome = await sendMessage(
        { conversation, extensions, isPipelined, timeouts: options.timeouts, state },
        message,
      );
      if (outcome.kind === "sent") state.sentCount += 1;
      if (!state.isUsable) conversation.cut();
      return outcome;
    },
    quit: async () => {
      if (state.isUsable && conversation.loss === undefined) {
        state.isUsable = false;
        conversation.say("QUIT\r\n");
        await conversation.hear(Math.min(longestGoodbyeMs, options.timeouts.commandMs));
      }
      conversation.cut();
    },
    cut: () => {
      state.isUsable = false;
      conversation.cut();
    },
  };
}
