/** Statements of tests on events. */

import type { Statements } from "#foundation/database.ts";

export type StoredEvent = {
  readonly id: number;
  readonly type: string;
  readonly email: string;
  readonly external_id: string;
  readonly status: number;
  readonly scheduled: Date | null;
  readonly ctx: string | null;
};

/** The real-time events, in their order. */
export function listEvents(db: Statements): Promise<StoredEvent[]> {
  return db.rows((row) => row as StoredEvent)`
    select rt_event_id as id, type, email, external_id, status, scheduled, ctx from nms_rt_event order by rt_event_id`;
}
