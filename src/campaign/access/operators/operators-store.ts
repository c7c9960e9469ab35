/** Statements with which operators are administered. */

import type { Statements } from "#foundation/database.ts";

import type { OperatorId } from "../operator.ts";
import { operatorColumns, type OperatorRow, parseCredentials, type Credentials } from "../operator-store.ts";

export type OperatorEntry = Credentials & {
  readonly groups: readonly string[];
  readonly sessions: number;
  readonly lastLogon: Date | undefined;
};

/** Every operator by login. */
export function listEntries(db: Statements): Promise<OperatorEntry[]> {
  return db.rows(parseEntry)`
    select ${operatorColumns},
           array(select g.name from xtk_operator_group_rel m join xtk_operator_group g using (operator_group_id)
                  where m.operator_id = o.operator_id order by g.name) as groups,
           (select count(*) from xtk_session_info s where s.operator_id = o.operator_id and s.expires > now()) as sessions,
           (select max(s.created) from xtk_session_info s where s.operator_id = o.operator_id) as last_logon
      from xtk_operator o
     order by o.name
     limit 1000`;
}

/** Of the names given, those of rights that exist. */
export function findRightNames(db: Statements, names: readonly string[]): Promise<string[]> {
  return db.rows((row) => (row as { name: string }).name)`
    select name from xtk_named_right where name = any(${[...names]}::text[])`;
}

/** Of the names given, those of groups that exist. */
export function findGroupNames(db: Statements, names: readonly string[]): Promise<string[]> {
  return db.rows((row) => (row as { name: string }).name)`
    select name from xtk_operator_group where name = any(${[...names]}::text[])`;
}

/** Takes named rights from an operator; those of his groups stay. */
export function deleteRights(db: Statements, operatorId: OperatorId, rights: readonly string[]): Promise<number> {
  return db.run`delete from xtk_operator_right where operator_id = ${operatorId} and right_name = any(${[...rights]}::text[])`;
}

/** Puts an operator into groups. */
export function insertMemberships(db: Statements, operatorId: OperatorId, groups: readonly string[]): Promise<number> {
  return db.run`
    insert into xtk_operator_group_rel (operator_id, operator_group_id)
    select ${operatorId}::bigint, operator_group_id from xtk_operator_group where name = any(${[...groups]}::text[])
    on conflict do nothing`;
}

/** Takes an operator out of groups. */
export function deleteMemberships(db: Statements, operatorId: OperatorId, groups: readonly string[]): Promise<number> {
  return db.run`
    delete from xtk_operator_group_rel m using xtk_operator_group g
     where g.operator_group_id = m.operator_group_id and m.operator_id = ${operatorId} and g.name = any(${[...groups]}::text[])`;
}

/** Lets an operator log on, or no longer. */
export function updateDisabled(db: Statements, operatorId: OperatorId, isDisabled: boolean): Promise<number> {
  return db.run`update xtk_operator set is_disabled = ${isDisabled}, last_modified = now() where operator_id = ${operatorId}`;
}

/** Sets from where an operator may log on, and where he works. */
export function updateRestrictions(
  db: Statements,
  operatorId: OperatorId,
  { securityZone, folderId }: { readonly securityZone: string | undefined; readonly folderId: number | undefined },
): Promise<number> {
  return db.run`
    update xtk_operator
       set security_zone = coalesce(${securityZone ?? null}::text, security_zone),
           folder_id = coalesce(${folderId ?? null}::bigint, folder_id), last_modified = now()
     where operator_id = ${operatorId}`;
}

/** Ends the sessions of an operator. */
export function deleteSessions(db: Statements, operatorId: OperatorId): Promise<number> {
  return db.run`delete from xtk_session_info where operator_id = ${operatorId}`;
}

/** How many operators may log on and have the right admin, their own or that of a group. */
export async function countAdministrators(db: Statements): Promise<number> {
  const count = await db.first((row) => (row as { count: number }).count)`
    select count(*) as count from xtk_operator o
     where not o.is_disabled and o.password_hash is not null
       and (exists (select from xtk_operator_right r where r.operator_id = o.operator_id and r.right_name = 'admin')
            or exists (select from xtk_operator_group_rel m join xtk_group_right g using (operator_group_id)
                        where m.operator_id = o.operator_id and g.right_name = 'admin'))`;
  return count ?? 0;
}

function parseEntry(row: unknown): OperatorEntry {
  const { groups, sessions, last_logon } = row as OperatorRow & {
    groups: string[];
    sessions: number;
    last_logon: Date | null;
  };
  return { ...parseCredentials(row), groups, sessions, lastLogon: last_logon ?? undefined };
}
