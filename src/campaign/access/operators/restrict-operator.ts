/** Says from where an operator may log on, and where in the tree he works. */

import { recordAuditEvent } from "../record-audit-event.ts";
import { type Administration, requireOperator } from "./administration.ts";
import { updateRestrictions } from "./operators-store.ts";

export type Restrictions = {
  /** A security zone; empty = from everywhere. Undefined = as it is. */
  readonly securityZone: string | undefined;
  /** 0 = everywhere in the tree. Undefined = as it is. */
  readonly folderId: number | undefined;
};

/**
 * Restricts an operator, or sets him free.
 * @throws unknownName
 */
export async function restrictOperator(
  { db, by }: Administration,
  login: string,
  restrictions: Restrictions,
): Promise<void> {
  await db.transaction(async (tx) => {
    const { operatorId } = await requireOperator(tx, login);
    await updateRestrictions(tx, operatorId, restrictions);
    await recordAuditEvent(tx, { ...by, action: "rightsChanged", entityKey: login, changes: restrictions });
  });
}
