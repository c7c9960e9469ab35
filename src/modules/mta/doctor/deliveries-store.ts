/** Statements that tell why deliveries do not move. */

import type { Statements } from "#foundation/database.ts";
import { deliveryStates } from "#schemas/codes.ts";

/** Deliveries that stand still for one reason. */
export type Standstill = {
  readonly kind:
    | "paused"
    | "forgotten"
    | "scheduled"
    | "unconfirmed"
    | "preparing"
    | "starting"
    | "expired"
    | "stopping";
  readonly deliveries: number;
  /** Of three of them. */
  readonly labels: string;
  readonly since: Date;
  /** The next moment at which one of them goes on; null when nobody knows. */
  readonly until: Date | null;
};

/** Parts that are not being sent for one reason. */
export type IdleParts = {
  readonly kind: "retry" | "wave" | "affinity" | "due" | "deadHost" | "lostLease" | "settling" | "held";
  /** The affinity, or the host of the child that had them. */
  readonly name: string;
  readonly deliveries: number;
  readonly parts: number;
  readonly messages: number;
  readonly since: Date;
  readonly until: Date;
};

export type KnownHost = {
  readonly name: string;
  readonly isAlive: boolean;
  /** Those that its mta declares. */
  readonly affinities: readonly string[];
};

const s = deliveryStates;

/** Deliveries between their request and their end, by what they wait for. */
export function listStandstills(
  db: Statements,
  { slowSec, forgottenSec }: { slowSec: number; forgottenSec: number },
): Promise<Standstill[]> {
  return db.rows((row) => row as Standstill)`
    select kind, count(*)::int as deliveries, min(last_modified) as since, min(until) as until,
           string_agg(label, ', ') filter (where place <= 3) as labels
      from (select k.*, row_number() over (partition by kind order by delivery_id desc) as place
              from (select delivery_id, left(coalesce(nullif(label, ''), internal_name), 60) as label, last_modified,
                           case when state = ${s.startPending} then contact_date end as until,
                           case when state = ${s.paused} and last_modified < now() - make_interval(secs => ${forgottenSec}) then 'forgotten'
                                when state = ${s.paused} then 'paused'
                                when validity_date < now() and state < ${s.paused} then 'expired'
                                when state = ${s.ready} then 'unconfirmed'
                                when state = ${s.startPending} and contact_date > now() then 'scheduled'
                                when state = ${s.startPending} and last_modified < now() - make_interval(secs => ${slowSec}) then 'starting'
                                when state between ${s.targetingPending} and ${s.messageReady} and (lease_until is null or lease_until < now())
                                     and last_modified < now() - make_interval(secs => ${slowSec}) then 'preparing'
                                when state in (${s.pauseRequested}, ${s.pauseInProgress}, ${s.stopRequested})
                                     and last_modified < now() - make_interval(secs => ${slowSec}) then 'stopping'
                           end as kind
                      from nms_delivery
                     where state between 11 and 81 and not is_model) k
             where kind is not null) f
     group by kind`;
}

/**
 * Open parts of deliveries in progress that no child sends now, by reason.
 * @param given.affinities those that some running host declares
 * @param given.slowSec what is looked after within seconds has failed after this time
 * @param given.silentSec a host that is not heard of for so long is gone
 */
export function listIdleParts(
  db: Statements,
  { affinities, slowSec, silentSec }: { affinities: readonly string[]; slowSec: number; silentSec: number },
): Promise<IdleParts[]> {
  return db.rows((row) => row as IdleParts)`
    with open as (
      select p.delivery_id, p.message_count, p.not_before, p.last_modified, p.claimed_until, p.affinity,
             split_part(coalesce(p.child_id, ''), ':', 1) as host,
             case when p.state = 'claimed' and p.claimed_until < now() - make_interval(secs => ${slowSec}) then 'lostLease'
                  when p.state = 'claimed' and h.last_heartbeat < now() - make_interval(secs => ${silentSec}) then 'deadHost'
                  when p.state = 'claimed' then null
                  when p.child_id is not null
                  then case when p.not_before < now() - make_interval(secs => ${slowSec}) then 'held' else 'settling' end
                  when p.not_before > now() and p.attempts > 0 then 'retry'
                  when p.not_before > now() then 'wave'
                  when p.affinity <> '' and not p.affinity = any(${affinities}::text[]) then 'affinity'
                  when greatest(p.not_before, d.started, p.last_modified) < now() - make_interval(secs => ${slowSec}) then 'due'
             end as kind
        from nms_delivery d
        join nms_delivery_part p on p.delivery_id = d.delivery_id and p.state in ('waiting', 'claimed')
        left join xtk_host h on h.name = split_part(p.child_id, ':', 1)
       where d.state = ${s.inProgress} and (d.validity_date is null or d.validity_date > now()))
    select kind, case kind when 'affinity' then affinity when 'retry' then '' when 'wave' then '' when 'due' then '' else host end as name,
           count(distinct delivery_id)::int as deliveries, count(*)::int as parts, sum(message_count)::bigint as messages,
           min(last_modified) as since, coalesce(min(case when kind in ('deadHost', 'lostLease') then claimed_until else not_before end), now()) as until
      from open where kind is not null
     group by 1, 2`;
}

/** Parts that some child of any host sends now. */
export async function countPartsUnderWay(db: Statements): Promise<number> {
  const count = await db.first((row) => (row as { count: number }).count)`
    select count(*)::int as count from nms_delivery_part where state = 'claimed' and claimed_until > now()`;
  return count ?? 0;
}

/** Hosts that ever worked on this database. */
export function listHosts(db: Statements, silentSec: number): Promise<KnownHost[]> {
  return db.rows((row) => row as KnownHost)`
    select name, last_heartbeat > now() - make_interval(secs => ${silentSec}) as "isAlive", string_to_array(affinities, ';') as affinities
      from xtk_host order by name`;
}
