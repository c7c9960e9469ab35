/** Clears the errors of addresses that took a message. */

import type { Statements } from "#foundation/database.ts";

import { clearErrors } from "./address-store.ts";

/** An address "with errors" becomes valid; one in quarantine or denylisted stays there, even when a message got through. */
export async function recordSuccesses(tx: Statements, addresses: readonly string[]): Promise<void> {
  if (addresses.length > 0) await clearErrors(tx, addresses);
}
