/** The statements on the queues of events. */

import type { Statements } from "#foundation/database.ts";
import { sql } from "#foundation/sql.ts";
import { eventStatuses } from "#schemas/codes.ts";

import type { EventQueue, PushedEvent } from "./event.ts";

const { pending } = eventStatuses;

/**
 * Puts events into a queue, all or none.
 * @returns their ids in their order; none when both queues together would hold more than `most` that wait
 */
export function insertEvents(
  db: Statements,
  queue: EventQueue,
  events: readonly PushedEvent[],
  { createdBy, most }: { readonly createdBy: number; readonly most: number },
): Promise<number[]> {
  const table = sql.table(queue === "rtEvent" ? "nms_rt_event" : "nms_batch_event");
  const id = sql.id(queue === "rtEvent" ? "rt_event_id" : "batch_event_id");
  const of = (name: keyof PushedEvent): unknown[] =>
    events.map((event) => {
      const value = event[name];
      return value instanceof Date ? value.toISOString() : (value ?? null);
    });
  return db.rows((row) => (row as { id: number }).id)`
    insert into ${table} (type, email, mobile_phone, wished_channel, email_format, external_id, origin, language, country,
                          registration_token, scheduled, expiration, ctx, created_by)
    select e.*, ${createdBy}::bigint
      from unnest(${of("type")}::text[], ${of("email")}::text[], ${of("mobilePhone")}::text[], ${of("wishedChannel")}::smallint[],
                  ${of("emailFormat")}::smallint[], ${of("externalId")}::text[], ${of("origin")}::text[], ${of("language")}::text[],
                  ${of("country")}::text[], ${of("registrationToken")}::text[], ${of("scheduled")}::timestamptz[],
                  ${of("expiration")}::timestamptz[], ${of("ctx")}::text[]) e
     where (select count(*) from (select from nms_rt_event where status = ${pending} limit ${most}) rt)
         + (select count(*) from (select from nms_batch_event where status = ${pending} limit ${most}) batch)
         + ${events.length}::integer <= ${most}::integer
    returning ${id} as id`;
}

/** How many events wait in both queues, counted no further than to a limit. */
export async function countWaiting(db: Statements, limit: number): Promise<number> {
  const count = await db.first((row) => (row as { count: number }).count)`
    select (select count(*) from (select from nms_rt_event where status = ${pending} limit ${limit}) rt)
         + (select count(*) from (select from nms_batch_event where status = ${pending} limit ${limit}) batch) as count`;
  return count ?? 0;
}
