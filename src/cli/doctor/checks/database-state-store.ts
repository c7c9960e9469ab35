/** Statements that ask a database how it does. */

import type { Statements } from "#foundation/database.ts";

export type DatabaseState = {
  /** Such as 180004. */
  readonly versionNumber: number;
  readonly version: string;
  readonly isReadOnly: boolean;
  /** Of those that the closest limit counts: the server's, the database's or the login's. */
  readonly connections: number;
  readonly maxConnections: number;
  readonly now: Date;
};

export type Blocked = {
  readonly applicationName: string;
  readonly waitingMs: number;
  readonly blockerPid: number;
  readonly blockerName: string;
  /** `idle in transaction`, `active`. */
  readonly blockerState: string;
};

/** Version, connections and clock. A limit of -1 is none. */
export async function readDatabaseState(db: Statements): Promise<DatabaseState | undefined> {
  return db.first(parseState)`
    with client as (select datname, usename from pg_stat_activity where backend_type = 'client backend'),
         bound as (
      select (select count(*) from client) as used,
             current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int as most
       union all
      select (select count(*) from client where client.datname = d.datname), d.datconnlimit
        from pg_database d where d.datname = current_database() and d.datconnlimit >= 0
       union all
      select (select count(*) from client where client.usename = r.rolname), r.rolconnlimit
        from pg_roles r where r.rolname = current_user and r.rolconnlimit >= 0 and not r.rolsuper)
    select current_setting('server_version_num')::int as version_number, current_setting('server_version') as version,
           pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool as is_read_only,
           used as connections, most as max_connections, clock_timestamp() as now
      from bound order by most - used limit 1`;
}

/** Statements of ours that have waited for a lock for a while, the longest first. */
export function listBlocked(db: Statements, longerThanMs: number): Promise<Blocked[]> {
  return db.rows((row) => row as Blocked)`
    select w.application_name as "applicationName",
           (extract(epoch from clock_timestamp() - w.query_start) * 1000)::int as "waitingMs",
           b.pid as "blockerPid", b.application_name as "blockerName", coalesce(b.state, '') as "blockerState"
      from pg_stat_activity w
      cross join lateral unnest(pg_blocking_pids(w.pid)) as blocker(pid)
      join pg_stat_activity b on b.pid = blocker.pid
     where w.datname = current_database() and w.wait_event_type = 'Lock'
       and w.query_start < clock_timestamp() - make_interval(secs => ${longerThanMs / 1_000})
     order by w.query_start limit 5`;
}

function parseState(raw: unknown): DatabaseState {
  const row = raw as {
    version_number: number;
    version: string;
    is_read_only: boolean;
    connections: number;
    max_connections: number;
    now: Date;
  };
  return {
    versionNumber: row.version_number,
    version: row.version.split(" ")[0] ?? "",
    isReadOnly: row.is_read_only,
    connections: row.connections,
    maxConnections: row.max_connections,
    now: row.now,
  };
}
