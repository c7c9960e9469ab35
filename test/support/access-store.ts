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
