/** Follows the preparation of a delivery to its end, for whoever waits for it. */

import { pause } from "#foundation/clock.ts";
import type { Database } from "#foundation/database.ts";

import { listAuditLines, readFailureText } from "./audit-store.ts";
import { readDelivery } from "./delivery-store.ts";
import { preparationRefused, preparationStopped, unknownDelivery } from "./errors.ts";
import { preparingStates } from "./preparing-states.ts";
import { requestStop } from "./request-stop.ts";

export type PreparationWatcher = {
  /** Aborted when the preparation shall be stopped. */
  readonly signal: AbortSignal;
  note(level: "info" | "warning" | "error", message: string): Promise<void>;
  progress(done: number, total: number): Promise<void>;
};

const pollMs = 250;

/**
 * Hands on the lines of the delivery's journal as they appear.
 * @param afterLine the last line that is old; `lastAuditLine` before the preparation was asked for
 * @throws preparationRefused, preparationStopped, unknownDelivery
 */
export async function followPreparation(
  db: Database,
  deliveryId: number,
  afterLine: number,
  watcher: PreparationWatcher,
): Promise<void> {
  let seen = afterLine;
  let step = -1;
  for (;;) {
    if (watcher.signal.aborted) await requestStop(db, deliveryId);
    const delivery = await readDelivery(db, deliveryId);
    if (delivery === undefined) throw unknownDelivery({ delivery: deliveryId });
    for (const { id, level, message } of await listAuditLines(db, deliveryId, seen)) {
      await watcher.note(level, message);
      seen = id;
    }
    const now = preparingStates.findIndex((state) => state === delivery.state);
    if (now === -1) {
      if (delivery.state === "preparationFailed")
        throw preparationRefused({ deliveryId, reason: await readFailureText(db, deliveryId) });
      if (delivery.state === "edited") throw preparationStopped({ deliveryId });
      return;
    }
    if (now !== step) await watcher.progress(now, preparingStates.length);
    step = now;
    await pause(pollMs, watcher.signal);
  }
}
