/** The lock that lets one stat of a database grant, who has it, and who granted last: nms_stat_holder. */

import type { Statements } from "#foundation/database.ts";

/** Name of the advisory lock. */
export const statLock = "stat";

export type Holder = {
  readonly host: string;
  readonly pid: number;
  /** The process of PostgreSQL that keeps the lock for it. */
  readonly backend: number;
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
    select a.application_name as name, a.pid as backend, coalesce(host(a.client_addr), 'local') as address
      from pg_locks l join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'advisory' and l.granted and l.objsubid = 1
       and l.database = (select oid from pg_database where datname = current_database())
       and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended(${statLock}, 0)
     limit 1`;
}

/** The process of PostgreSQL that serves a connection. */
export async function readBackend(session: Statements): Promise<number | undefined> {
  return (await session.first((row) => row as { pid: number })`select pg_backend_pid() as pid`)?.pid;
}

/** Frees a lock that a connection of ours keeps which is cut off. */
export function endBackend(db: Statements, { backend }: Pick<Holder, "backend">): Promise<number> {
  return db.run`select pg_terminate_backend(${backend}::int)`;
}

/** Answers while the connection is there, and with it its lock. */
export function prove(session: Statements): Promise<number> {
  return session.run`select 1`;
}

/** The run of stat that granted last, and its process. */
export type Seat = { readonly id: string; readonly place: string };

/** Who granted last, unless it said that it ended. */
export function readSeat(session: Statements): Promise<Seat | undefined> {
  return session.first((row) => row as Seat)`select holder as id, place from nms_stat_holder`;
}

/** From now on only this run writes what is granted; waits for what the one before is writing. */
export function takeSeat(session: Statements, { id, place }: Seat): Promise<number> {
  return session.run`
    insert into nms_stat_holder (holder, place) values (${id}, ${place})
    on conflict (is_only) do update set holder = excluded.holder, place = excluded.place, since = now()`;
}

/** It grants no more. */
export function leaveSeat(session: Statements, id: string): Promise<number> {
  return session.run`delete from nms_stat_holder where holder = ${id}`;
}

/**
 * Keeps the seat for the rest of a transaction; false when another run has it. A transaction that falls silent is ended by the server,
 * so that it keeps nobody waiting.
 */
export async function keepSeat(tx: Statements, id: string): Promise<boolean> {
  return (
    (await tx.run`
      select set_config('idle_in_transaction_session_timeout', '3000', true) from nms_stat_holder where holder = ${id} for share`) ===
    1
  );
}

function parseHolder(raw: unknown): Holder {
  const { name, address, backend } = raw as { name: string; address: string; backend: number };
  const [, pid = "", host = ""] = /^\S+ (\d+) (.*)$/.exec(name) ?? [];
  return { host, pid: Number(pid), backend, where: `${host === "" ? name : `${host} (pid ${pid})`}, ${address}` };
}
