/** The daily cleaning of the quarantine's table. */

import type { Statements } from "#foundation/database.ts";

import { clearOldErrors, deleteValid } from "./address-store.ts";
import { peaceMs } from "./decide-after-error.ts";

/**
 * Trusts addresses whose errors are old, and drops the rows of all that are valid. Quarantined and denylisted ones stay.
 * @returns how many were trusted again, and how many rows are gone
 */
export async function releaseAddresses(
  db: Statements,
  now: Date,
): Promise<{ readonly released: number; readonly deleted: number }> {
  const released = await clearOldErrors(db, {
    ordinary: new Date(now.getTime() - peaceMs.ordinary),
    mailboxFull: new Date(now.getTime() - peaceMs.mailboxFull),
  });
  return { released, deleted: await deleteValid(db) };
}
