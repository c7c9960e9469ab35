/** Fails a delivery under way that cannot go on, such as one whose scripts were stopped at their limit. */

import type { Database } from "#foundation/database.ts";

import { insertAudit, notifyDelivery } from "./delivery-store.ts";
import { setFailing } from "./end-delivery-store.ts";

/**
 * Fails a delivery: nothing more of it is sent, what children have goes back, and all that is not sent is cancelled, as with a stop.
 * May be called by several at once, and again.
 * @param reason what the operator reads: the delivery's failure text, and a line of its journal
 * @returns true when it was this call that failed it
 */
export function failDelivery(db: Database, deliveryId: number, reason: string): Promise<boolean> {
  return db.transaction(async (tx) => {
    if (!(await setFailing(tx, deliveryId, reason))) return false;
    await insertAudit(tx, deliveryId, [{ level: "error", message: reason }]);
    await notifyDelivery(tx, deliveryId);
    return true;
  });
}
