/** Deliveries that wait for the mta server to do something, and their start. */

import type { Statements } from "#foundation/database.ts";
import { deliveryStates } from "#schemas/codes.ts";

const {
  targetingPending,
  messageReady,
  startPending,
  inProgress,
  retryInProgress,
  pauseRequested,
  pauseInProgress,
  stopRequested,
} = deliveryStates;

/** What a delivery waits for. */
export type DeliveryStep = "prepare" | "start" | "finish" | "settlePause" | "settleStop";

export type WaitingDelivery = { readonly deliveryId: number; readonly step: DeliveryStep };

/** Unfinished deliveries that something can be done for now, the highest priority first. */
export function listWaitingDeliveries(db: Statements): Promise<WaitingDelivery[]> {
  return db.rows(parseWaiting)`
    select w.delivery_id, w.step
      from (select d.delivery_id, d.priority,
                   case when d.state between ${targetingPending} and ${messageReady}
                             and (d.lease_until is null or d.lease_until < now()) then 'prepare'
                        when d.state = ${startPending} and (d.contact_date is null or d.contact_date <= now()) then 'start'
                        when d.state in (${inProgress}, ${retryInProgress})
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

/** Opens a delivery's parts for the children; 0 when it does not wait for its start any more. */
export function startDelivery(db: Statements, deliveryId: number): Promise<number> {
  return db.run`
    update nms_delivery
       set state = ${inProgress}, is_start_requested = false, started = coalesce(started, now()), last_modified = now()
     where delivery_id = ${deliveryId} and state = ${startPending}`;
}

function parseWaiting(raw: unknown): WaitingDelivery {
  const row = raw as { delivery_id: number; step: DeliveryStep };
  return { deliveryId: row.delivery_id, step: row.step };
}
