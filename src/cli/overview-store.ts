/** Statements of what `pdump -who` shows of an instance. */

import type { Statements } from "#foundation/database.ts";

export type SessionRow = { readonly lastAccess: Date; readonly remoteAddress: string; readonly login: string };
export type PoolRow = { readonly applicationName: string; readonly login: string; readonly connections: number };

/** Sessions of operators that are alive, the latest first. */
export function listSessions(db: Statements): Promise<SessionRow[]> {
  return db.rows(parseSession)`
    select s.last_access, s.remote_address, coalesce(o.name, 'internal') as login
      from xtk_session_info s left join xtk_operator o on o.operator_id = s.operator_id
     where s.expires > now() order by s.last_access desc limit 200`;
}

/** Connections to this database, by process and login. */
export function listConnections(db: Statements): Promise<PoolRow[]> {
  return db.rows(parsePool)`
    select application_name, usename as login, count(*) as connections from pg_stat_activity
     where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
     group by 1, 2 order by 1, 2`;
}

function parseSession(row: unknown): SessionRow {
  const { last_access, remote_address, login } = row as { last_access: Date; remote_address: string; login: string };
  return { lastAccess: last_access, remoteAddress: remote_address, login };
}

function parsePool(row: unknown): PoolRow {
  const { application_name, login, connections } = row as {
    application_name: string;
    login: string;
    connections: number;
  };
  return { applicationName: application_name, login, connections };
}
