/** What a mail that came back says, before anyone decides what it means for the ledger. */

import type { Qualification } from "./qualification.ts";

export type DeliveryAction = "failed" | "delayed" | "delivered" | "relayed" | "expanded";

/** What a notice says of one recipient. */
export type NoticeRecipient = {
  /** Final-Recipient, or the address that the text names; empty when the notice names none. */
  readonly recipient: string;
  /** Original-Recipient, where it differs. */
  readonly originalRecipient?: string;
  readonly action: DeliveryAction;
  /** Enhanced status, such as `5.1.1`. */
  readonly status?: string;
  /** The reason in the remote server's or the reporter's words, at most 2,000 characters. */
  readonly diagnostic: string;
  readonly qualification: Qualification;
};

/** Where our own identity may stand. Nothing here is proved: whoever uses it checks the signature. */
export type ClaimedIdentities = {
  /** Envelope recipients and the mail's own recipients, one of which may be our return path. */
  readonly returnPaths: readonly string[];
  /** Message-IDs of the returned mail, then those that this mail answers; with angle brackets. */
  readonly messageIds: readonly string[];
};

export type FeedbackType = "abuse" | "fraud" | "opt-out" | "not-spam" | "virus" | "auth-failure" | "other";

export type InboundReport = {
  readonly identities: ClaimedIdentities;
  readonly subject: string;
} & (
  | { readonly kind: "dsn"; readonly recipients: readonly NoticeRecipient[] }
  | { readonly kind: "complaint"; readonly feedbackType: FeedbackType; readonly recipients: readonly string[] }
  | { readonly kind: "autoReply"; readonly sender: string }
  | { readonly kind: "unsubscribe"; readonly sender: string }
  | { readonly kind: "other" }
);
