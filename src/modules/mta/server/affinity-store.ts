/** Parts that wait for a host with an IP affinity, and what each host says that it declares. */

import type { Statements } from "#foundation/database.ts";
import { deliveryStates } from "#schemas/codes.ts";

export type WaitingAffinity = { readonly affinity: string; readonly deliveries: number; readonly messages: number };

/** Affinities of parts that could be sent now, beside those given. */
export function listOtherAffinities(db: Statements, declared: readonly string[]): Promise<WaitingAffinity[]> {
  return db.rows((row) => row as WaitingAffinity)`
    select w.affinity, count(distinct w.delivery_id) as deliveries, sum(w.message_count)::bigint as messages
      from nms_delivery_part w
      join nms_delivery d on d.delivery_id = w.delivery_id and d.state = ${deliveryStates.inProgress}
     where w.state = 'waiting' and w.not_before <= now() and w.affinity <> '' and not w.affinity = any(${declared}::text[])
     group by w.affinity order by w.affinity`;
}

/** Says which affinities a host declares; the watchdog has written the host's row. */
export function sayAffinities(db: Statements, host: string, declared: readonly string[]): Promise<number> {
  const affinities = declared.join(";");
  return db.run`update xtk_host set affinities = ${affinities} where name = ${host} and affinities <> ${affinities}`;
}
