/** Finds which of our messages a mail is about, by what we signed and nothing else. */

import type { ClaimedIdentities } from "#protocols/bounce/inbound-report.ts";
import {
  type MessageIdentity,
  parseMessageId,
  parseReturnPath,
  type ReturnPathKey,
} from "#protocols/message-identity/message-identity.ts";

export type Identified =
  | { readonly kind: "ours"; readonly identity: MessageIdentity }
  /** A Message-ID signed by this installation for another instance. */
  | { readonly kind: "otherInstance"; readonly instance: string }
  /** Nothing that we signed: such a mail must not touch anybody. */
  | { readonly kind: "unknown" };

export type IdentityChecks = {
  readonly instance: string;
  readonly checkInstanceName: boolean;
  /** The key "return-path" of an instance. */
  readonly keyOf: (instance: string) => ReturnPathKey;
};

/** The return path comes first: a mail server hands it back untouched, while a Message-ID may be quoted from anywhere. */
export function identifyMessage(claimed: ClaimedIdentities, checks: IdentityChecks): Identified {
  const ownKey = checks.keyOf(checks.instance);
  for (const returnPath of claimed.returnPaths) {
    const identity = parseReturnPath(returnPath, ownKey);
    if (identity !== undefined) return { kind: "ours", identity };
  }
  let other: Identified | undefined;
  for (const messageId of claimed.messageIds) {
    const found = parseMessageId(messageId, checks.keyOf);
    if (found === undefined) continue;
    const { instance, deliveryId, broadLogId } = found;
    if (instance === checks.instance || !checks.checkInstanceName)
      return { kind: "ours", identity: { deliveryId, broadLogId } };
    other ??= { kind: "otherInstance", instance };
  }
  return other ?? { kind: "unknown" };
}
