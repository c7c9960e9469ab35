/** Gives an operator named rights and groups, and takes them. */

import type { Statements } from "#foundation/database.ts";

import { unknownName } from "../errors.ts";
import { insertRights } from "../operator-store.ts";
import { recordAuditEvent } from "../record-audit-event.ts";
import { type Administration, requireOperator } from "./administration.ts";
import { keepAnAdministrator } from "./keep-an-administrator.ts";
import {
  deleteMemberships,
  deleteRights,
  findGroupNames,
  findRightNames,
  insertMemberships,
} from "./operators-store.ts";

export type RightsChange = {
  readonly grant?: readonly string[];
  readonly revoke?: readonly string[];
  readonly join?: readonly string[];
  readonly leave?: readonly string[];
};

/**
 * Changes what an operator may do; sessions that are open feel it at their next request.
 * @throws unknownName, lastAdministrator; nothing is changed then
 */
export async function changeRights({ db, by }: Administration, login: string, change: RightsChange): Promise<void> {
  const { grant = [], revoke = [], join = [], leave = [] } = change;
  await db.transaction(async (tx) => {
    const { operatorId } = await requireOperator(tx, login);
    await requireNames(tx, { rights: [...grant, ...revoke], groups: [...join, ...leave] });
    await insertRights(tx, operatorId, grant);
    await deleteRights(tx, operatorId, revoke);
    await insertMemberships(tx, operatorId, join);
    await deleteMemberships(tx, operatorId, leave);
    await keepAnAdministrator(tx, login);
    await recordAuditEvent(tx, { ...by, action: "rightsChanged", entityKey: login, changes: change });
  });
}

/**
 * Checks that rights and groups exist.
 * @throws unknownName
 */
export async function requireNames(
  tx: Statements,
  { rights, groups }: { readonly rights: readonly string[]; readonly groups: readonly string[] },
): Promise<void> {
  const knownRights = await findRightNames(tx, rights);
  const knownGroups = await findGroupNames(tx, groups);
  const right = rights.find((name) => !knownRights.includes(name));
  const group = groups.find((name) => !knownGroups.includes(name));
  if (right !== undefined) throw unknownName({ kind: "right", name: right });
  if (group !== undefined) throw unknownName({ kind: "group", name: group });
}
