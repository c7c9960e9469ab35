/** Removes what the built-in mailbox no longer keeps. */

import { deleteOldDeferrals, deleteOldMessages } from "#campaign/inbox/inbox-store.ts";
import type { Context } from "#foundation/module.ts";

const messagesAtOnce = 1_000;

/** Removes messages beyond the newest `keep`; answers `again` when there may be more of them. */
export async function purgeMessages({ db, log }: Pick<Context, "db" | "log">, keep: number): Promise<"again" | void> {
  const removed = await deleteOldMessages(db, keep, messagesAtOnce);
  await deleteOldDeferrals(db);
  if (removed > 0) log.info("inbox.purged", { messages: removed });
  return removed === messagesAtOnce ? "again" : undefined;
}
