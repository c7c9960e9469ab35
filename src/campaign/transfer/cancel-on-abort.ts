/** Lets a signal end a statement that is under way, instead of waiting minutes for it. */

import type { Database, Statements } from "#foundation/database.ts";

import { cancelBackend, readBackendId } from "./job-store.ts";

/** Runs the work of a transaction; when the signal is aborted the server gives up the statement it is at. */
export async function cancelOnAbort<T>(
  { db, tx, signal }: { db: Database; tx: Statements; signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  const backendId = await readBackendId(tx);
  let cancelling: Promise<unknown> = Promise.resolve();
  const cancel = (): void => {
    // With the database away there is nothing to cancel, and the work fails by itself.
    cancelling = cancelBackend(db, backendId).catch(() => undefined);
  };
  signal.addEventListener("abort", cancel, { once: true });
  try {
    signal.throwIfAborted();
    return await work();
  } finally {
    signal.removeEventListener("abort", cancel);
    // Answered before the connection goes back to the pool, so that nobody else's statement is hit.
    await cancelling;
  }
}
