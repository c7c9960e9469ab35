/** Parts whose child has gone without a word: which they are, what may have left of them, and their way back. */

import type { Statements } from "#foundation/database.ts";
import { broadLogStatuses, sendingModes } from "#schemas/codes.ts";

/** A part and the child that had it last. */
export type LostPart = { readonly partId: number; readonly childId: string };

/** A part whose child was not heard of, under the lock of the transaction. */
export type LockedPart = {
  readonly deliveryId: number;
  /** `YYYY-MM-DD`. */
  readonly logDate: string;
};

/** Parts that nobody renewed in time, and whose child has had its time to say what it did. */
export function listLostParts(db: Statements): Promise<LostPart[]> {
  return db.rows(parseLost)`
    select delivery_part_id, child_id from nms_delivery_part
     where state = 'waiting' and child_id is not null and not_before <= now()
     order by delivery_part_id limit 500`;
}

/** Parts that a child had when it was last heard of. */
export function listPartsOfChild(db: Statements, childId: string): Promise<LostPart[]> {
  return db.rows(parseLost)`
    select delivery_part_id, child_id from nms_delivery_part
     where state in ('claimed', 'waiting') and child_id = ${childId}
     order by delivery_part_id`;
}

/** Locks a part that is still the child's; undefined when it is not, or another server sees to it. */
export function lockLostPart(tx: Statements, { partId, childId }: LostPart): Promise<LockedPart | undefined> {
  return tx.first(parseLocked)`
    select delivery_id, log_date from nms_delivery_part
     where delivery_part_id = ${partId} and state in ('claimed', 'waiting') and child_id = ${childId}
       for update skip locked`;
}

/**
 * Messages of a part without a final outcome, of which nothing was recorded since it was claimed; none of a part that only looks as if it
 * were sent. The delivery is compared so that no index serves it.
 */
export function listUnheardOf(tx: Statements, partId: number): Promise<number[]> {
  return tx.rows((row) => (row as { broad_log_id: number }).broad_log_id)`
    select b.broad_log_id
      from nms_delivery_part p
      join nms_broad_log b on b.log_date = p.log_date and b.broad_log_id between p.first_broad_log_id and p.last_broad_log_id
     where p.delivery_part_id = ${partId} and p.sending_mode = ${sendingModes.normal} and (b.delivery_id = p.delivery_id) is true and b.status = ${broadLogStatuses.pending}
       and not (b.attempts > 0 and b.event_date > p.last_modified)
     order by b.broad_log_id`;
}

/** Lets anybody claim the part again. */
export function releaseLostPart(tx: Statements, partId: number): Promise<number> {
  return tx.run`
    update nms_delivery_part set state = 'waiting', child_id = null, claimed_until = null, last_modified = now()
     where delivery_part_id = ${partId}`;
}

function parseLost(raw: unknown): LostPart {
  const row = raw as { delivery_part_id: number; child_id: string };
  return { partId: row.delivery_part_id, childId: row.child_id };
}

function parseLocked(raw: unknown): LockedPart {
  const row = raw as { delivery_id: number; log_date: string };
  return { deliveryId: row.delivery_id, logDate: row.log_date };
}
