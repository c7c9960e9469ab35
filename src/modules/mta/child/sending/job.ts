/** One message on its way through the shaper. */

import type { Outcome } from "#campaign/broadlog/outcome.ts";
import type { ComposedMessage } from "#campaign/content/compiled-message.ts";

/** How a message leaves the shaper. */
export type JobEnd =
  | { readonly kind: "outcome"; readonly outcome: Outcome }
  /** Not sent, and nothing wrong with it: it stays pending with its part. */
  | { readonly kind: "left"; readonly reason: "throttled" | "crowded" | "halted" };

export type Job = {
  readonly broadLogId: number;
  /** Groups the messages of a part, so that they can be taken back together. */
  readonly owner: object;
  readonly queuedMs: number;
  /** The server is asked for the recipient, and given no content. */
  readonly isSmtpTest?: boolean;
  /** Sessions that were lost under it. */
  tries: number;
  /** False once its delivery was halted, or its part belongs to another child. */
  mayBegin(): boolean;
  /** At once where nothing has to be waited for. */
  compose(): ComposedMessage | Promise<ComposedMessage>;
  /** Brings to the disk that the content will leave; false when that cannot be. Undefined where a power cut may leave more in doubt than left. */
  readonly announce?: (() => Promise<boolean>) | undefined;
  /** Notes that the content is about to leave; false when it must not, since that cannot be written down. */
  leave(): boolean;
  /** The content did not leave whole: the message is as before. */
  stay(): void;
  /** Resolves once the outcome is safe: only then may the session begin the next message. */
  end(end: JobEnd): Promise<void>;
};
