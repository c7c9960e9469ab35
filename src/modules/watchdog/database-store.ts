/** Statements that tell in which state an instance's database is. */

import type { Statements } from "#foundation/database.ts";

/** True for a database without any table, ours or another program's. */
export async function isEmptyDatabase(db: Statements): Promise<boolean> {
  const found = await db.first(() => true)`
    select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%'
     limit 1`;
  return found === undefined;
}

/** Shows this host as alive in an instance's list of hosts. */
export async function registerHost(db: Statements, host: string, version: string): Promise<void> {
  await db.run`
    insert into xtk_host (name, version, last_heartbeat) values (${host}, ${version}, now())
    on conflict (name) do update set version = excluded.version, last_heartbeat = now()`;
}
