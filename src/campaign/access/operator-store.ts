/** Statements on operators and their rights. */

import type { Statements } from "#foundation/database.ts";

import type { Operator, OperatorId } from "./operator.ts";

export type Credentials = {
  readonly operator: Operator;
  readonly passwordHash: string | undefined;
  readonly isDisabled: boolean;
};

/** Finds an operator by login, as it is spelt. */
export function findCredentials(db: Statements, login: string): Promise<Credentials | undefined> {
  return db.first(parseCredentials)`
    select o.operator_id, o.name, o.label, o.locale, o.timezone, o.password_hash, o.is_disabled,
           array(select r.right_name from xtk_operator_right r where r.operator_id = o.operator_id order by r.right_name) as rights
      from xtk_operator o
     where o.name = ${login}`;
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

function parseCredentials(row: unknown): Credentials {
  const found = row as OperatorRow & { password_hash: string | null; is_disabled: boolean };
  return {
    operator: parseOperator(found),
    passwordHash: found.password_hash ?? undefined,
    isDisabled: found.is_disabled,
  };
}

export type OperatorRow = {
  operator_id: number;
  name: string;
  label: string;
  locale: string;
  timezone: string;
  rights: string[];
};

/** Reads the columns that every statement on operators selects. */
export function parseOperator(row: OperatorRow): Operator {
  return {
    operatorId: row.operator_id,
    login: row.name,
    label: row.label,
    locale: row.locale,
    timezone: row.timezone,
    rights: row.rights,
  };
}
