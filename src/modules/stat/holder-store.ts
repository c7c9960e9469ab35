/** The lock that lets one stat of a database grant, and the statement that tells who has it. */

import type { Statements } from "#foundation/database.ts";

/** Name of the advisory lock. */
export const statLock = "stat";

export type Holder = {
  readonly host: string;
  readonly pid: number;
  /** Host and pid, and the address that it is connected from. */
  readonly where: string;
};

/** What the connection of the lock is called. */
export function nameHolder(instance: string, host: string, pid: number): string {
  return `stat@${instance} ${pid} ${host}`;
}

/** The process that has the lock; undefined when none has. */
export function findHolder(db: Statements): Promise<Holder | undefined> {
  return db.first(parseHolder)`
    select a.application_name as name, coalesce(host(a.client_addr), 'local') as address
      from pg_locks l join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'advisory' and l.granted and l.objsubid = 1
       and l.database = (select oid from pg_database where datname = current_database())
       and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended(${statLock}, 0)
     limit 1`;
}

function parseHolder(raw: unknown): Holder {
  const { name, address } = raw as { name: string; address: string };
  const [, pid = "", host = ""] = /^\S+ (\d+) (.*)$/.exec(name) ?? [];
  return { host, pid: Number(pid), where: `${host === "" ? name : `${host} (pid ${pid})`}, ${address}` };
}
