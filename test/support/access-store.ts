/** Statements that put operators and sessions into the states that tests need. */

import type { Statements } from "#foundation/database.ts";

/** Makes every session look unused for a time. */
export function idleSessions(db: Statements, seconds: number): Promise<number> {
  return db.run`update xtk_session_info set last_access = last_access - make_interval(secs => ${seconds})`;
}

/** Ends the time of every session. */
export function expireSessions(db: Statements): Promise<number> {
  return db.run`update xtk_session_info set expires = now()`;
}

/** Ends the time of one session. */
export function expireSession(db: Statements, token: string): Promise<number> {
  return db.run`update xtk_session_info set expires = now() where token_hash = sha256(${token}::text::bytea)`;
}

/** Disables an operator. */
export function disableOperator(db: Statements, login: string): Promise<number> {
  return db.run`update xtk_operator set is_disabled = true where name = ${login}`;
}

/** Takes all rights of an operator. */
export function removeRights(db: Statements, login: string): Promise<number> {
  return db.run`delete from xtk_operator_right where operator_id = (select operator_id from xtk_operator where name = ${login})`;
}

/** Every stored session as text. */
export function readSessionRows(db: Statements): Promise<string[]> {
  return db.rows((row) => (row as { line: string }).line)`select s::text as line from xtk_session_info s`;
}

/** Changes what an operator is restricted to; what is not given stays. */
export function setOperator(
  db: Statements,
  login: string,
  given: { zone?: string; trusted?: string; sessionSec?: number; noConsole?: boolean },
): Promise<number> {
  const { zone = null, trusted = null, sessionSec = null, noConsole = null } = given;
  return db.run`
    update xtk_operator
       set security_zone = coalesce(${zone}, security_zone), trusted_networks = coalesce(${trusted}, trusted_networks),
           session_time_out_sec = coalesce(${sessionSec}::int, session_time_out_sec),
           no_console_cnx = coalesce(${noConsole}::boolean, no_console_cnx)
     where name = ${login}`;
}

/** Ends the time of every API token. */
export function expireApiTokens(db: Statements): Promise<number> {
  return db.run`update xtk_api_token set expires = now() - interval '1 second'`;
}

/** Every stored API token as text. */
export function readApiTokenRows(db: Statements): Promise<string[]> {
  return db.rows((row) => (row as { line: string }).line)`select t::text as line from xtk_api_token t`;
}
