/** A message that the built-in mailbox has kept. */

export const verdicts = ["delivered", "bounced", "answered", "complained"] as const;
/** What the mailbox, playing a provider, does with a message after it has taken it. */
export type Verdict = (typeof verdicts)[number];

export const noticeStates = ["none", "owed", "sent", "failed"] as const;
export type NoticeState = (typeof noticeStates)[number];

export type InboxMessageSummary = {
  readonly id: number;
  readonly received: Date;
  /** Envelope sender: the return path. */
  readonly envelopeFrom: string;
  readonly envelopeTo: string;
  /** With angle brackets; empty when the message has none. */
  readonly messageId: string;
  readonly subject: string;
  /** From: as it was written. */
  readonly from: string;
  readonly verdict: Verdict;
  readonly noticeState: NoticeState;
  /** Bytes. */
  readonly size: number;
};

/** A message to keep. */
export type NewInboxMessage = Omit<InboxMessageSummary, "id" | "received" | "noticeState" | "size"> & {
  /** A notice about it is owed to whoever sent it. */
  readonly owesNotice: boolean;
  readonly source: Buffer;
};

/** A notice that is owed: what it is about. */
export type OwedNotice = {
  readonly id: number;
  readonly received: Date;
  readonly envelopeFrom: string;
  readonly envelopeTo: string;
  readonly messageId: string;
  readonly subject: string;
  readonly verdict: Verdict;
  readonly attempts: number;
  /** The message's first bytes, which hold its header. */
  readonly head: Buffer;
};
