/** For a stat that grants in a test without contending for its lock. */

import { randomUUID } from "node:crypto";

import type { Statements } from "#foundation/database.ts";
import { takeSeat } from "#modules/stat/holder/holder-store.ts";
import type { Tenure } from "#modules/stat/holder/tenure.ts";

/** Takes the seat; it is proved for as long as the test says so. */
export async function aTenure(db: Statements, isProved: () => boolean = () => true): Promise<Tenure> {
  const id = randomUUID();
  await takeSeat(db, { id, place: "unknown" });
  return { id, isFormerHeeded: false, isProved, pausedForMs: () => (isProved() ? 0 : 1) };
}
