/** The statements that end a delivery, run under the lock of its ending. */

import type { Statements } from "#foundation/database.ts";
import {
  broadLogStatuses,
  type DeliveryState,
  deliveryStates,
  failureReasons,
  failureTypes,
  nameOfCode,
} from "#schemas/codes.ts";

export type EndingDelivery = {
  readonly state: DeliveryState;
  readonly logDate: string | undefined;
  readonly isExpired: boolean;
  /** It is stopped because it cannot go on, not because somebody wished it. */
  readonly hasFailed: boolean;
};

/** Lets one process at a time end a delivery; the lock goes with the transaction. */
export function lockEnding(tx: Statements, deliveryId: number): Promise<number> {
  return tx.run`select pg_advisory_xact_lock(hashtextextended('postrider.delivery_end', ${deliveryId}::bigint))`;
}

/**
 * Reads what decides about a delivery's end. Its row is not locked here: whoever records outcomes locks messages first, then the
 * delivery, and so must we.
 */
export function readForEnding(tx: Statements, deliveryId: number, now: Date): Promise<EndingDelivery | undefined> {
  return tx.first(parseEnding)`
    select state, log_date, coalesce(validity_date <= ${now}, false) as is_expired, failure_text is not null as has_failed
      from nms_delivery where delivery_id = ${deliveryId}`;
}

/** How many parts are in the hands of a child, or of one that has not been heard of since, and how many wait for one. */
export async function countOpenParts(
  tx: Statements,
  deliveryId: number,
): Promise<{ readonly claimed: number; readonly waiting: number }> {
  const counts = await tx.first((row) => row as { claimed: number; waiting: number })`
    select count(*) filter (where state = 'claimed' or child_id is not null) as claimed,
           count(*) filter (where state = 'waiting' and child_id is null) as waiting
      from nms_delivery_part where delivery_id = ${deliveryId} and state in ('claimed', 'waiting')`;
  return counts ?? { claimed: 0, waiting: 0 };
}

/** Takes the parts back that wait for a child. */
export function cancelWaitingParts(tx: Statements, deliveryId: number): Promise<number> {
  return tx.run`
    update nms_delivery_part set state = 'cancelled', last_modified = now()
     where delivery_id = ${deliveryId} and state = 'waiting' and child_id is null`;
}

/** Cancels what is not sent. */
export function cancelPending(tx: Statements, deliveryId: number, logDate: string): Promise<number> {
  return tx.run`
    update nms_broad_log set status = ${broadLogStatuses.cancelled}, event_date = now()
     where log_date = ${logDate}::date and delivery_id = ${deliveryId} and status = ${broadLogStatuses.pending}`;
}

/** Gives up what was tried in vain until the end: the addresses could not be reached. */
export function failTried(tx: Statements, deliveryId: number, logDate: string): Promise<number> {
  return tx.run`
    update nms_broad_log
       set status = ${broadLogStatuses.failed}, failure_type = ${failureTypes.soft}, failure_reason = ${failureReasons.unreachable}, event_date = now()
     where log_date = ${logDate}::date and delivery_id = ${deliveryId} and status = ${broadLogStatuses.pending} and attempts > 0`;
}

/**
 * Sets the last state of a delivery, with the moment, and counts messages that were given up.
 * @returns false when its state is no longer the one that was read
 */
export async function setEnd(
  tx: Statements,
  deliveryId: number,
  move: { readonly from: DeliveryState; readonly to: "finished" | "stopped" | "failed"; readonly failures: number },
): Promise<boolean> {
  const touched = await tx.run`
    update nms_delivery
       set state = ${deliveryStates[move.to]}, is_start_requested = false, finished = now(), last_modified = now(),
           processed = processed + ${move.failures}, error = error + ${move.failures}
     where delivery_id = ${deliveryId} and state = ${deliveryStates[move.from]}`;
  return touched === 1;
}

/**
 * Asks for the stop of a delivery that cannot go on, with the reason.
 * @returns false when it is not under way any more, or somebody else has said why already
 */
export async function setFailing(tx: Statements, deliveryId: number, failureText: string): Promise<boolean> {
  const touched = await tx.run`
    update nms_delivery set state = ${deliveryStates.stopRequested}, failure_text = ${failureText}, last_modified = now()
     where delivery_id = ${deliveryId} and failure_text is null
       and state between ${deliveryStates.startPending} and ${deliveryStates.stopRequested}`;
  return touched === 1;
}

/** Sets a delivery to paused whose pause is wished. */
export async function setPaused(tx: Statements, deliveryId: number): Promise<boolean> {
  const touched = await tx.run`
    update nms_delivery set state = ${deliveryStates.paused}, last_modified = now()
     where delivery_id = ${deliveryId} and state = ${deliveryStates.pauseRequested}`;
  return touched === 1;
}

/** Started deliveries whose time is over. */
export function listExpired(db: Statements, now: Date): Promise<number[]> {
  return db.rows((row) => (row as { delivery_id: number }).delivery_id)`
    select delivery_id from nms_delivery
     where state between ${deliveryStates.startPending} and ${deliveryStates.paused} and validity_date <= ${now}
     order by delivery_id`;
}

const parseEnding = (row: unknown): EndingDelivery => {
  const r = row as { state: number; log_date: string | null; is_expired: boolean; has_failed: boolean };
  return {
    state: nameOfCode(deliveryStates, r.state) ?? "failed",
    logDate: r.log_date ?? undefined,
    isExpired: r.is_expired,
    hasFailed: r.has_failed,
  };
};
