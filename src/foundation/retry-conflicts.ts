/** Transactions that PostgreSQL ends in favour of another one are run again. */

import { setTimeout as sleep } from "node:timers/promises";

import type { Database, Statements } from "./database.ts";

/** Runs of one piece of work, at most. */
const mostRuns = 5;
const longestPauseMs = 40;

/**
 * Runs work in a transaction, and again, up to five times in all, when it met a deadlock or could not be serialized: it is undone then, and
 * nobody has seen it. Work may therefore run several times; it changes nothing but the database.
 * @throws what the work throws, and the conflict when it does not go away
 */
export async function retryConflicts<T>(db: Database, work: (tx: Statements) => Promise<T>): Promise<T> {
  for (let run = 1; ; run += 1) {
    try {
      return await db.transaction(work);
    } catch (error) {
      if (run >= mostRuns || !isConflict(error)) throw error;
      // Chance keeps the two from meeting again.
      await sleep(Math.random() * longestPauseMs * run);
    }
  }
}

/** True for a deadlock (40P01) and a serialization failure (40001). */
export function isConflict(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "40P01" || error.code === "40001");
}
