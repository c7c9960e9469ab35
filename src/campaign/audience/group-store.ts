/** Statements on groups of recipients. */

import type { Statements } from "#foundation/database.ts";

const parseId = (row: unknown): number => Number((row as { group_id: unknown }).group_id);

/** Makes a group; undefined when there is one of that name. Waits for another who is just making it. */
export function insertGroup(db: Statements, name: string): Promise<number | undefined> {
  return db.first(
    parseId,
  )`insert into nms_group (name, label) values (${name}, ${name}) on conflict (name) do nothing returning group_id`;
}

/** The group of a name. */
export function findGroup(db: Statements, name: string): Promise<number | undefined> {
  return db.first(parseId)`select group_id from nms_group where name = ${name}`;
}
