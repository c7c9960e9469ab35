/** Writes nms_email_error_stat. */

import type { Statements } from "#foundation/database.ts";

import type { ErrorRow } from "./error-statistics.ts";

/** Adds the rows of a period; those of the same period, of a stat before this one, are added up. */
export function writeErrorStatistics(db: Statements, periodStart: Date, rows: readonly ErrorRow[]): Promise<number> {
  const of = (read: (row: ErrorRow) => number): number[] => rows.map(read);
  return db.run`
    insert into nms_email_error_stat as s (period_start, mx_ip, public_id, mx_host, total_connections, total_messages, total_errors,
           message_errors, aborted_connections, failed_connections, refused_connections, timeout_connections)
    select ${periodStart}::timestamptz, r.* from unnest(
           ${rows.map(({ path }) => path.address)}::text[], ${of(({ path }) => path.publicId)}::int[], ${rows.map(({ path }) => path.host)}::text[],
           ${of(({ connections }) => connections)}::int[], ${of(({ messages }) => messages)}::int[], ${of(({ errors }) => errors)}::int[],
           ${of(({ counts }) => counts.messageErrors)}::int[], ${of(({ counts }) => counts.aborted)}::int[],
           ${of(({ counts }) => counts.failed)}::int[], ${of(({ counts }) => counts.refused)}::int[],
           ${of(({ counts }) => counts.timeouts)}::int[]) r
    on conflict (period_start, mx_ip, public_id) do update set
           total_connections = s.total_connections + excluded.total_connections,
           total_messages = s.total_messages + excluded.total_messages,
           total_errors = s.total_errors + excluded.total_errors,
           message_errors = s.message_errors + excluded.message_errors,
           aborted_connections = s.aborted_connections + excluded.aborted_connections,
           failed_connections = s.failed_connections + excluded.failed_connections,
           refused_connections = s.refused_connections + excluded.refused_connections,
           timeout_connections = s.timeout_connections + excluded.timeout_connections`;
}

/** Deletes periods that are too old, a lot at a time; answers how many went. */
export function purgeErrorStatistics(db: Statements, days: number, limit: number): Promise<number> {
  return db.run`
    delete from nms_email_error_stat where ctid = any(array(
      select ctid from nms_email_error_stat where period_start < now() - make_interval(days => ${days}) limit ${limit}))`;
}
