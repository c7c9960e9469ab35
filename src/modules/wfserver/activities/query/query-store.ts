/** What the query activity reads besides recipients. */

import type { Statements } from "#foundation/database.ts";

/** A group's id by its internal name. */
export function findGroupId(db: Statements, name: string): Promise<number | undefined> {
  return db.first((row) => (row as { id: number }).id)`select group_id as id from nms_group where name = ${name}`;
}
