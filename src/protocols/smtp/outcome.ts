/** What becomes of a session or of a message. What may well happen on a network is a value here; only defects are thrown. */

import type { SmtpReply } from "./reply.ts";

export type OpeningStage = "connect" | "greeting" | "hello" | "starttls";
export type SendingStage = "reset" | "mail" | "rcpt" | "data" | "content";

/** Why a connection can no longer be used. */
export type Loss = {
  readonly cause: "timeout" | "closed" | "protocol" | "tls";
  /** One sentence without addresses. */
  readonly text: string;
};

export type OpeningFailure =
  /** The server answered, and said no. */
  | { readonly kind: "refused"; readonly stage: OpeningStage; readonly reply: SmtpReply }
  | { readonly kind: "lost"; readonly stage: OpeningStage; readonly loss: Loss };

export type SendOutcome =
  /** The server has taken responsibility for the message. */
  | { readonly kind: "sent"; readonly reply: SmtpReply }
  | { readonly kind: "refused"; readonly stage: SendingStage; readonly reply: SmtpReply }
  /** Nothing was written: this server cannot take this message. */
  | {
      readonly kind: "unsendable";
      readonly reason: "unsafe_address" | "needs_smtputf8" | "needs_8bitmime" | "too_large";
      readonly text: string;
    }
  /** The connection went before the final dot was out: the server cannot have kept the message. */
  | { readonly kind: "lost"; readonly stage: SendingStage; readonly loss: Loss }
  /** The final dot went out and no answer came: the server may have kept the message (RFC 1047). */
  | { readonly kind: "in_doubt"; readonly loss: Loss };
