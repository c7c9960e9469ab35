/** Holds a delivery for as long as it is prepared, and notices when it is taken away. */

import { randomUUID } from "node:crypto";

import type { Context } from "#foundation/module.ts";

import type { Delivery } from "./delivery.ts";
import { claimPreparation, renewPreparation } from "./delivery-store.ts";

export type Lease = {
  readonly delivery: Delivery;
  /** Names this very attempt, so that an earlier one of the same process is told apart. */
  readonly owner: string;
  /** True once the delivery was stopped or is in other hands. */
  isLost(): boolean;
  stop(): void;
};

/** A preparer that is dead is replaced after so long. */
const leaseSec = 60;

/**
 * Claims a delivery for its preparation and prolongs the claim until `stop`.
 * @returns undefined when it does not wait for a preparation or another process has it
 */
export async function holdForPreparation(
  context: Pick<Context, "db" | "processId" | "log">,
  deliveryId: number,
): Promise<Lease | undefined> {
  const owner = `${context.processId}:${randomUUID()}`;
  const delivery = await claimPreparation(context.db, deliveryId, owner, leaseSec);
  if (delivery === undefined) return undefined;
  let isLost = false;
  const renew = async (): Promise<void> => {
    try {
      isLost ||= !(await renewPreparation(context.db, deliveryId, owner, leaseSec));
    } catch {
      // The database is away: the transaction of the preparation notices it too.
    }
  };
  const timer = setInterval(() => void renew(), (leaseSec * 1_000) / 3);
  return { delivery, owner, isLost: () => isLost, stop: () => clearInterval(timer) };
}
