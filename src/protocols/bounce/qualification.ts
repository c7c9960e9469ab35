/** What a refusal means: Classic's failure types and reasons, by the names of `schemas/codes.ts`. */

export type FailureKind = "none" | "soft" | "hard" | "ignored";

export type RefusalReason =
  | "notDefined"
  | "userUnknown"
  | "invalidDomain"
  | "unreachable"
  | "accountDisabled"
  | "mailboxFull"
  | "refused"
  | "errorIgnored";

export type Qualification = { readonly type: FailureKind; readonly reason: RefusalReason };

/** What a server or a notice says about one recipient. */
export type Reply = {
  /** Three digits, such as 550. Read from the text when left out. */
  readonly code?: number;
  /** Enhanced status code, such as `5.1.1` (RFC 3463). Read from the text when left out. */
  readonly enhanced?: string;
  readonly text: string;
};
