/** Takes a recipient's wish to get no more mail. */

import type { Statements } from "#foundation/database.ts";

import { setOptOut } from "./recipient-store.ts";

/**
 * Marks recipients so that no delivery takes them as a target; may be repeated.
 * @returns how many were not marked before
 */
export function optOutRecipients(db: Statements, recipientIds: readonly number[]): Promise<number> {
  return setOptOut(db, recipientIds);
}
