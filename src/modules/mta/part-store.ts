/** Claims, leases and ends of the rows of nms_delivery_part; they are made by the preparation. */

import type { Database, Statements } from "#foundation/database.ts";
import { sql, type SqlFragment } from "#foundation/sql.ts";
import { broadLogStatuses, deliveryStates, nameOfCode, sendingModes } from "#schemas/codes.ts";

import type { Part } from "./part.ts";

/** Deliveries whose parts may be claimed. */
const { inProgress } = deliveryStates;

/**
 * Gives a child the next part: the highest priority first, then the one that waits longest. Two children never get the same one.
 * @param leaseSec the part goes to another child when it is not renewed for so long
 * @param affinities those that this host declares; parts without one are everybody's
 */
export function claimPart(
  db: Statements,
  childId: string,
  leaseSec: number,
  affinities: readonly string[] = [],
): Promise<Part | undefined> {
  return db.first(parsePart)`
    update nms_delivery_part p
       set state = 'claimed', child_id = ${childId}, claimed_until = now() + make_interval(secs => ${leaseSec}), last_modified = now()
     where p.delivery_part_id = (
             ${nextPart(affinities)} for update of w skip locked)
    returning p.delivery_part_id, p.delivery_id, p.log_date, p.first_broad_log_id, p.last_broad_log_id, p.message_count, p.attempts,
              p.affinity, p.sending_mode`;
}

/** The part that a child would claim next; undefined when none waits. */
export function findClaimablePart(db: Statements, affinities: readonly string[] = []): Promise<number | undefined> {
  return db.first((row) => (row as { delivery_part_id: number }).delivery_part_id)`
    ${nextPart(affinities)}`;
}

/** The part `w` that is claimed next. */
function nextPart(affinities: readonly string[]): SqlFragment {
  return sql`
    select w.delivery_part_id from nms_delivery_part w
      join nms_delivery d on d.delivery_id = w.delivery_id and d.state = ${inProgress}
       and (d.validity_date is null or d.validity_date > now())
     where w.state = 'waiting' and w.child_id is null and w.not_before <= now()
       and (w.affinity = '' or w.affinity = any(${affinities}::text[]))
     order by w.priority desc, w.not_before, w.delivery_part_id
     limit 1`;
}

export type RenewedPart = {
  readonly partId: number;
  /** False when the delivery was paused, stopped or has run out since. */
  readonly maySend: boolean;
};

/** Renews the lease of parts that are still the child's; those left out of the answer are no longer. */
export function renewParts(
  db: Statements,
  childId: string,
  partIds: readonly number[],
  leaseSec: number,
): Promise<RenewedPart[]> {
  return db.rows(parseRenewedPart)`
    update nms_delivery_part p
       set claimed_until = now() + make_interval(secs => ${leaseSec})
      from nms_delivery d
     where p.delivery_part_id = any(${partIds}::bigint[]) and p.state = 'claimed' and p.child_id = ${childId}
       and d.delivery_id = p.delivery_id
    returning p.delivery_part_id, d.state = ${inProgress} and (d.validity_date is null or d.validity_date > now()) as may_send`;
}

/**
 * How many messages of a part are still to be sent. The delivery is compared so that no index serves it: a ledger that was just
 * written has no statistics, and the planner would read the whole delivery instead of the part's keys.
 */
export async function countPending(db: Statements, part: Part): Promise<number> {
  const count = await db.first((row) => (row as { count: number }).count)`
    select count(*) as count from nms_broad_log
     where log_date = ${part.logDate}::date and broad_log_id between ${part.firstBroadLogId} and ${part.lastBroadLogId}
       and (delivery_id = ${part.deliveryId}) is true and status = ${broadLogStatuses.pending}`;
  return count ?? 0;
}

/** Ends a part whose messages all have an outcome; 0 when it is no longer the child's. */
export function finishPart(db: Statements, partId: number, childId: string): Promise<number> {
  return db.run`
    update nms_delivery_part set state = 'done', child_id = null, claimed_until = null, last_modified = now()
     where delivery_part_id = ${partId} and state = 'claimed' and child_id = ${childId}`;
}

/** Lets a part wait until its deferred messages are tried again; 0 when it is no longer the child's. */
export function postponePart(
  db: Statements,
  { partId, childId, attempts, notBefore }: { partId: number; childId: string; attempts: number; notBefore: Date },
): Promise<number> {
  return db.run`
    update nms_delivery_part
       set state = 'waiting', attempts = ${attempts}, not_before = ${notBefore}, child_id = null, claimed_until = null, last_modified = now()
     where delivery_part_id = ${partId} and state = 'claimed' and child_id = ${childId}`;
}

/** Gives back every part of a child that is dead and has left nothing to say about it. */
export function returnPartsOfChild(db: Statements, childId: string): Promise<number> {
  return db.run`
    update nms_delivery_part set state = 'waiting', child_id = null, claimed_until = null, last_modified = now()
     where state in ('claimed', 'waiting') and child_id = ${childId}`;
}

/** The child has recorded all that it knows of a part that was taken from it: nothing of it is in doubt. */
export function settleLostPart(db: Statements, partId: number, childId: string): Promise<number> {
  return db.run`
    update nms_delivery_part set child_id = null, last_modified = now()
     where delivery_part_id = ${partId} and state = 'waiting' and child_id = ${childId}`;
}

/**
 * Takes the parts of any host back that nobody has renewed in time. They keep the child's name, and the moment of the claim as
 * `last_modified`, until it is known what it did. They wait a little: a child that the database kept waiting is told by its next renewal,
 * and has outcomes to record first.
 */
export function returnExpiredParts(db: Statements, waitSec: number): Promise<number> {
  return db.run`
    update nms_delivery_part
       set state = 'waiting', claimed_until = null,
           not_before = greatest(not_before, now() + make_interval(secs => ${waitSec}))
     where state = 'claimed' and claimed_until < now()`;
}

/** Wakes whoever waits for deliveries and parts. */
export function wakeSenders(db: Database, deliveryId: number): Promise<number> {
  return db.run`select pg_notify('postrider_delivery', ${String(deliveryId)})`;
}

function parsePart(raw: unknown): Part {
  const row = raw as {
    delivery_part_id: number;
    delivery_id: number;
    log_date: string;
    first_broad_log_id: number;
    last_broad_log_id: number;
    message_count: number;
    attempts: number;
    affinity: string;
    sending_mode: number;
  };
  return {
    partId: row.delivery_part_id,
    deliveryId: row.delivery_id,
    logDate: row.log_date,
    firstBroadLogId: row.first_broad_log_id,
    lastBroadLogId: row.last_broad_log_id,
    messageCount: row.message_count,
    affinity: row.affinity,
    sendingMode: nameOfCode(sendingModes, row.sending_mode) ?? "normal",
    attempts: row.attempts,
  };
}

function parseRenewedPart(raw: unknown): RenewedPart {
  const row = raw as { delivery_part_id: number; may_send: boolean };
  return { partId: row.delivery_part_id, maySend: row.may_send };
}
