/** Lists what the built-in mailbox holds. */

import type { Statements } from "#foundation/database.ts";

import type { InboxMessageSummary } from "./inbox-message.ts";
import { selectMessages } from "./inbox-store.ts";

const longestPage = 1_000;

/**
 * One page, newest first.
 * @param page `before`: id of the last message of the page before; `search`: part of an address, subject or Message-ID
 */
export function listInboxMessages(
  db: Statements,
  page: { limit: number; before?: number; search?: string },
): Promise<InboxMessageSummary[]> {
  return selectMessages(db, {
    limit: Math.max(1, Math.min(page.limit, longestPage)),
    before: page.before ?? Number.MAX_SAFE_INTEGER,
    search: (page.search ?? "").trim().slice(0, 320),
  });
}
