/** Denylists an address after a complaint. */

import type { Statements } from "#foundation/database.ts";
import { failureReasons } from "#schemas/codes.ts";

import { upsertDenied } from "./address-store.ts";

/** The address gets no message any more, whoever has it; the profiles are not touched. */
export async function denyAddress(
  tx: Statements,
  address: string,
  given: { readonly text: string; readonly deliveryId: number; readonly at: Date },
): Promise<void> {
  await upsertDenied(tx, { address, failureReason: failureReasons.denylisted, ...given });
}
