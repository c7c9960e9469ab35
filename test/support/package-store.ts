/** Statements of tests on installed packages. */

import type { Statements } from "#foundation/database.ts";

/** `namespace:name label`. */
export function listPackages(db: Statements): Promise<string[]> {
  return db.rows((row) => (row as { line: string }).line)`
    select namespace || ':' || name || ' ' || label as line from xtk_package where namespace = 'cus' order by 1`;
}

/** The text of an option; undefined when there is none. */
export function readOptionText(db: Statements, name: string): Promise<string | undefined> {
  return db.first((row) => (row as { string_value: string }).string_value)`
    select string_value from xtk_option where name = ${name}`;
}
