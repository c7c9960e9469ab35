/** Counts how often each answer was given. */

import type { Statements } from "#foundation/database.ts";

import { addOccurrences } from "./broad-log-msg-store.ts";

/** Adds one to the answer of each message that has one. */
export async function countAnswers(
  tx: Statements,
  messages: readonly { readonly broadLogMsgId: number }[],
): Promise<void> {
  const counts = new Map<number, number>();
  for (const { broadLogMsgId } of messages) {
    if (broadLogMsgId !== 0) counts.set(broadLogMsgId, (counts.get(broadLogMsgId) ?? 0) + 1);
  }
  if (counts.size > 0) await addOccurrences(tx, counts);
}
