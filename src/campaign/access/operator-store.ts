/** Statements on operators and their rights. */

import type { Statements } from "#foundation/database.ts";
import { sql } from "#foundation/sql.ts";

import type { Operator, OperatorId } from "./operator.ts";

export type Credentials = {
  readonly operator: Operator;
  readonly passwordHash: string | undefined;
  readonly isDisabled: boolean;
};

/** What `parseOperator` and credentials are read from, of `xtk_operator o`. */
export const operatorColumns = sql`
  o.operator_id as found_id, o.name, o.label, o.locale, o.timezone, o.password_hash, o.is_disabled, o.folder_id, o.security_zone,
  o.trusted_networks, o.session_time_out_sec, o.no_console_cnx,
  array(select m.operator_group_id::float8 from xtk_operator_group_rel m where m.operator_id = o.operator_id) as group_ids,
  array(select r.right_name from xtk_operator_right r where r.operator_id = o.operator_id
        union
        select g.right_name from xtk_operator_group_rel m join xtk_group_right g on g.operator_group_id = m.operator_group_id
         where m.operator_id = o.operator_id
        order by 1) as rights`;

/** Finds an operator by login, as it is spelt. */
export function findCredentials(db: Statements, login: string): Promise<Credentials | undefined> {
  return db.first(parseCredentials)`select ${operatorColumns} from xtk_operator o where o.name = ${login}`;
}

/** Finds an operator by his id. */
export function findCredentialsById(db: Statements, operatorId: OperatorId): Promise<Credentials | undefined> {
  return db.first(parseCredentials)`select ${operatorColumns} from xtk_operator o where o.operator_id = ${operatorId}`;
}

/**
 * Adds an operator unless the login is taken; language and time zone are those of his browser and of the instance.
 * @returns its id, or undefined when it is
 */
export function insertOperator(
  db: Statements,
  operator: { login: string; label: string; passwordHash: string },
): Promise<OperatorId | undefined> {
  return db.first((row) => (row as { operator_id: number }).operator_id)`
    insert into xtk_operator (name, label, password_hash, locale, timezone) values (${operator.login}, ${operator.label}, ${operator.passwordHash}, '', '')
    on conflict (name) do nothing
    returning operator_id`;
}

/** Gives an operator named rights. */
export function insertRights(db: Statements, operatorId: OperatorId, rights: readonly string[]): Promise<number> {
  return db.run`
    insert into xtk_operator_right (operator_id, right_name)
    select ${operatorId}::bigint, unnest(${[...rights]}::text[])
    on conflict do nothing`;
}

/** Stores a new password; sessions opened with the former one end with it. */
export function updatePasswordHash(db: Statements, operatorId: OperatorId, passwordHash: string): Promise<number> {
  return db.run`update xtk_operator set password_hash = ${passwordHash}, last_modified = now() where operator_id = ${operatorId}`;
}

export type OperatorRow = {
  found_id: number;
  name: string;
  label: string;
  locale: string;
  timezone: string;
  password_hash: string | null;
  is_disabled: boolean;
  folder_id: number;
  security_zone: string;
  trusted_networks: string;
  session_time_out_sec: number;
  no_console_cnx: boolean;
  group_ids: number[];
  rights: string[];
};

/** Reads `operatorColumns`. */
export function parseCredentials(row: unknown): Credentials {
  const found = row as OperatorRow;
  return {
    operator: parseOperator(found),
    passwordHash: found.password_hash ?? undefined,
    isDisabled: found.is_disabled,
  };
}

function parseOperator(row: OperatorRow): Operator {
  return {
    operatorId: row.found_id,
    login: row.name,
    label: row.label,
    locale: row.locale,
    timezone: row.timezone,
    rights: row.rights,
    groupIds: row.group_ids,
    folderId: row.folder_id,
    securityZone: row.security_zone,
    trustedNetworks: row.trusted_networks.split(/[\s,;]+/).filter(Boolean),
    sessionTimeOutSec: row.session_time_out_sec,
    noConsoleCnx: row.no_console_cnx,
  };
}
