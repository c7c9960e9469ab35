/** The statement that counts an instance's sessions, connections and work, from columns that are kept counted. */

import type { Statements } from "#foundation/database.ts";

export type WorkCount = { readonly what: WorkKind; readonly label: string; readonly count: number };

export type WorkKind = "sessions" | "connections" | "deliveries" | "parts" | "messages" | "workflows";

/** Counts; one row for each state of each kind of work. */
export function countInstanceWork(db: Statements): Promise<WorkCount[]> {
  return db.rows((row) => row as WorkCount)`
    select 'sessions' as what, '' as label, count(*) as count from xtk_session_info where expires > now()
    union all
    select 'connections', coalesce(state, ''), count(*) from pg_stat_activity
     where datname = current_database() and backend_type = 'client backend' group by 2
    union all
    select 'deliveries', state::text, count(*) from nms_delivery where state between 11 and 81 group by 2
    union all
    select 'parts', state, count(*) from nms_delivery_part where state in ('waiting', 'claimed') group by 2
    union all
    select 'messages', 'waiting', coalesce(sum(message_count), 0) from nms_delivery_part where state in ('waiting', 'claimed')
    union all
    select 'messages', counter.kind, sum(counter.messages) from nms_delivery d
      cross join lateral (values ('processed', d.processed), ('success', d.success), ('error', d.error)) as counter (kind, messages)
     group by counter.kind
    union all
    select 'workflows', state::text, count(*) from xtk_workflow where state not in (0, 20) group by 2`;
}
