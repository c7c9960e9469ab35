/** Deliveries that wait for the mta server to do something, and their start. */

import type { Statements } from "#foundation/database.ts";
import { deliveryStates } from "#schemas/codes.ts";

const {
  targetingPending,
  messageReady,
  startPending,
  inProgress,
  retryPending,
  retryInProgress,
  pauseRequested,
  pauseInProgress,
  stopRequested,
} = deliveryStates;

/** What a delivery waits for. */
export type DeliveryStep = "prepare" | "start" | "retry" | "finish" | "settlePause" | "settleStop";

export type WaitingDelivery = { readonly deliveryId: number; readonly step: DeliveryStep };

/** Unfinished deliveries that something can be done for now, the highest priority first. */
export function listWaitingDeliveries(db: Statements): Promise<WaitingDelivery[]> {
  return db.rows(parseWaiting)`
    select w.delivery_id, w.step
      from (select d.delivery_id, d.priority,
                   case when d.state between ${targetingPending} and ${messageReady}
                             and (d.lease_until is null or d.lease_until < now()) then 'prepare'
                        when d.state = ${startPending} and (d.contact_date is null or d.contact_date <= now()) then 'start'
                        when d.state in (${retryPending}, ${retryInProgress}) then 'retry'
                        when d.state = ${inProgress}
                             and not exists (select from nms_delivery_part p
                                              where p.delivery_id = d.delivery_id and p.state in ('waiting', 'claimed')) then 'finish'
                        when d.state in (${pauseRequested}, ${pauseInProgress}) then 'settlePause'
                        when d.state = ${stopRequested} then 'settleStop'
                   end as step
              from nms_delivery d
             where d.state between 11 and 81) w
     where w.step is not null
     order by w.priority desc, w.delivery_id
     limit 500`;
}

/** True while a delivery is being prepared or sent: the server then looks often. */
export async function hasRunningDeliveries(db: Statements): Promise<boolean> {
  const found = await db.first((row) => (row as { found: boolean }).found)`
    select exists (select from nms_delivery
                    where state between 11 and 81 and (state between ${targetingPending} and ${messageReady} or state in (${inProgress}, ${pauseRequested}, ${stopRequested}))) as found`;
  return found === true;
}

/**
 * Opens a delivery's parts for the children; 0 when it does not wait for its start any more. Later waves are counted from the first
 * start, however long after its preparation that is.
 */
export function startDelivery(db: Statements, deliveryId: number): Promise<number> {
  return db.run`
    with before as (select delivery_id, started from nms_delivery where delivery_id = ${deliveryId} and state = ${startPending} for update),
         later as (
           update nms_delivery_part p set not_before = now() + make_interval(secs => p.delay_sec)
             from before b
            where p.delivery_id = b.delivery_id and b.started is null and p.delay_sec > 0 and p.state = 'waiting')
    update nms_delivery d
       set state = ${inProgress}, is_start_requested = false, started = coalesce(d.started, now()), last_modified = now()
      from before b
     where d.delivery_id = b.delivery_id`;
}

/** Lets everything that waits for its next attempt be tried now; a wave that has not begun keeps its time. */
export function hurryRetries(db: Statements, deliveryId: number): Promise<number> {
  return db.run`
    with retried as (
      update nms_delivery set state = ${inProgress}, last_modified = now()
       where delivery_id = ${deliveryId} and state in (${retryPending}, ${retryInProgress})
      returning delivery_id)
    update nms_delivery_part p set not_before = now(), last_modified = now()
      from retried
     where p.delivery_id = retried.delivery_id and p.state = 'waiting' and p.attempts > 0 and p.not_before > now()`;
}

function parseWaiting(raw: unknown): WaitingDelivery {
  const row = raw as { delivery_id: number; step: DeliveryStep };
  return { deliveryId: row.delivery_id, step: row.step };
}
