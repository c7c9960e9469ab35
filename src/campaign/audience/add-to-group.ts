/** Adds the people of a staged list to a group. */

import type { Statements } from "#foundation/database.ts";

import { findGroup, insertGroup } from "./group-store.ts";
import { addStagedPeopleToGroup, fillGroupWithStagedPeople } from "./recipient-store.ts";

/**
 * Adds everyone of `staged_person` to the group of a name, which is made when there is none.
 * @returns how many were not in it before
 */
export async function addToGroup(tx: Statements, name: string): Promise<number> {
  const made = await insertGroup(tx, name);
  if (made !== undefined) return fillGroupWithStagedPeople(tx, made);
  const known = await findGroup(tx, name);
  return known === undefined ? 0 : addStagedPeopleToGroup(tx, known);
}
