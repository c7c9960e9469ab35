/** Rows that a check of doctor is to find. Times are in minutes from now. */

import type { Statements } from "#foundation/database.ts";
import { deliveryStates } from "#schemas/codes.ts";

type Given = {
  readonly state: number;
  readonly contactMinutes?: number;
  readonly validityMinutes?: number;
  readonly modifiedMinutes?: number;
  readonly startedMinutes?: number;
  readonly processed?: number;
  readonly errors?: number;
  readonly failureText?: string;
};

/** A delivery; answers its id. */
export async function insertDelivery(db: Statements, given: Given): Promise<number> {
  const id = await db.first((row) => (row as { id: number }).id)`
    insert into nms_delivery (internal_name, label, state, contact_date, validity_date, last_modified, started, processed, error, failure_text)
    values (gen_random_uuid()::text, 'A delivery', ${given.state}, now() + make_interval(mins => ${given.contactMinutes ?? null}::int),
            now() + make_interval(mins => ${given.validityMinutes ?? null}::int), now() + make_interval(mins => ${given.modifiedMinutes ?? 0}::int),
            now() + make_interval(mins => ${given.startedMinutes ?? null}::int), ${given.processed ?? 0}, ${given.errors ?? 0}, ${given.failureText ?? null})
    returning delivery_id as id`;
  return id ?? 0;
}

/** A part of 100 messages; with `claimedMinutes` it is claimed until then. */
export function insertPart(
  db: Statements,
  deliveryId: number,
  given: {
    readonly affinity?: string;
    readonly attempts?: number;
    readonly notBeforeMinutes?: number;
    readonly modifiedMinutes?: number;
    readonly childId?: string;
    readonly claimedMinutes?: number;
  },
): Promise<number> {
  const isClaimed = given.claimedMinutes !== undefined;
  return db.run`
    insert into nms_delivery_part (delivery_id, log_date, first_broad_log_id, last_broad_log_id, message_count, state, attempts, affinity,
                                   child_id, not_before, claimed_until, last_modified)
    values (${deliveryId}, current_date, 1, 100, 100, ${isClaimed ? "claimed" : "waiting"}, ${given.attempts ?? 0}, ${given.affinity ?? ""},
            ${given.childId ?? null}, now() + make_interval(mins => ${given.notBeforeMinutes ?? -1}::int),
            now() + make_interval(mins => ${given.claimedMinutes ?? null}::int), now() + make_interval(mins => ${given.modifiedMinutes ?? 0}::int))`;
}

/** A host that gave its last sign of life then. */
export function insertHost(
  db: Statements,
  name: string,
  heartbeatMinutes: number,
  affinities: readonly string[] = [],
): Promise<number> {
  return db.run`
    insert into xtk_host (name, version, last_heartbeat, affinities)
    values (${name}, '0', now() + make_interval(mins => ${heartbeatMinutes}::int), ${affinities.join(";")})`;
}

/** Lets leases of parts run as if so many seconds had passed. */
export function passTime(db: Statements, seconds: number): Promise<number> {
  return db.run`
    update nms_delivery_part set claimed_until = claimed_until - make_interval(secs => ${seconds}) where claimed_until is not null`;
}

/** A delivery that was sent from this address. */
export function insertSender(db: Statements, address: string): Promise<number> {
  return db.run`
    insert into nms_delivery (internal_name, label, state, from_address)
    values (gen_random_uuid()::text, 'A delivery', ${deliveryStates.finished}, ${address})`;
}
