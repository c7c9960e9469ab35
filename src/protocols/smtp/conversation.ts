/** What a connection is to those who send over it: bytes are said, whole replies are heard, each wait has a deadline of its own. */

import type { Loss } from "./outcome.ts";
import type { SmtpReply } from "./reply.ts";

export type Heard =
  | { readonly kind: "reply"; readonly reply: SmtpReply }
  | { readonly kind: "lost"; readonly loss: Loss };

/** How the writing of a message's content ended. */
export type Writing =
  | { readonly kind: "written" }
  /** The server spoke before everything was out. */
  | { readonly kind: "answered" }
  | { readonly kind: "lost"; readonly loss: Loss };

export type Trace = (direction: ">" | "<", text: string) => void;

export type Conversation = {
  /** Says one or several commands; what becomes of them is heard. */
  say(commands: string): void;
  /** Writes content with the commands around it, and waits for nothing. */
  push(written: Written): Pushed;
  /** Waits until the system has taken the last byte of what was pushed. */
  settle(pushed: Pushed, limitMs: number): Promise<Writing>;
  /** The next reply when it is here already: sparing a wait that would end at once. */
  take(): Heard | undefined;
  /** Waits for the next reply. A server that drips bytes does not move the deadline. */
  hear(limitMs: number): Promise<Heard>;
  /** True while the system has not taken all that was written. */
  readonly isWriting: boolean;
  /** True when the server has said more than was waited for. */
  hasUnheard(): boolean;
  /** Takes the connection through a TLS handshake. */
  secure(options: {
    serverName: string;
    mustVerify: boolean;
    limitMs: number;
    sessions?: TlsSessions;
    trusted?: readonly string[];
  }): Promise<Loss | undefined>;
  readonly isSecure: boolean;
  /** Undefined while the connection can be used. */
  readonly loss: Loss | undefined;
  /**
   * Cuts the connection by a reset, so that what the system still holds of a content never arrives; the reason stands when nothing
   * else ended it before.
   */
  cut(reason?: Loss): void;
  /** Closes the connection in good order, after QUIT. */
  close(): void;
};

/** A content on its way, and the commands before and behind it. */
export type Written = {
  readonly before: string;
  readonly content: Buffer;
  readonly behind: string;
  /** Bytes around the content, in the same memory, that may be overwritten: where the commands fit, everything goes in one piece. */
  readonly margins?: Margins | undefined;
};

export type Margins = { readonly before: number; readonly behind: number };

/** What was written without waiting. */
export type Pushed = {
  /** True once the system has taken the last byte, and said so. */
  readonly isWritten: boolean;
  /** False when the last byte surely has not left: the server cannot have the message. */
  readonly mayBeOut: boolean;
};

/** What spares the next connection to the same server a whole handshake. */
export type TlsSessions = {
  recall(): Buffer | undefined;
  keep(session: Buffer): void;
  forget(): void;
};
