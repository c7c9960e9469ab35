/** The statement on the counters that clients use. */

import type { Statements } from "#foundation/database.ts";

/**
 * Increases a counter and answers its new value; undefined when there is none of that name. Those of the platform itself
 * bear the names of its tables: clients do not move them.
 */
export function increaseCounter(db: Statements, name: string): Promise<number | undefined> {
  return db.first((row) => (row as { value: number }).value)`
    update xtk_counter set value = value + 1 where name = ${name} and name !~ '^(nms|xtk)_' returning value`;
}
