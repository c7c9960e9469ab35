/** Makes an operator. */

import { loginRefused, operatorExists } from "../errors.ts";
import { hashPassword } from "../hash-password.ts";
import { internalOperator, type OperatorId } from "../operator.ts";
import { insertOperator, insertRights } from "../operator-store.ts";
import { generatePassword, parsePassword } from "../password.ts";
import { recordAuditEvent } from "../record-audit-event.ts";
import type { Administration } from "./administration.ts";
import { requireNames } from "./change-rights.ts";
import { insertMemberships, updateRestrictions } from "./operators-store.ts";

export type NewOperator = {
  readonly login: string;
  readonly label: string;
  /** Undefined = one is generated. */
  readonly password: string | undefined;
  readonly rights: readonly string[];
  readonly groups: readonly string[];
  readonly securityZone: string | undefined;
  readonly folderId: number | undefined;
};

/**
 * Makes an operator; without any right he cannot log on, unless he is the account of probes.
 * @returns generatedPassword: to be shown once; undefined when one was given
 * @throws loginRefused, operatorExists, passwordRefused, unknownName
 */
export async function createOperator(
  { db, by }: Administration,
  operator: NewOperator,
): Promise<{ readonly operatorId: OperatorId; readonly generatedPassword: string | undefined }> {
  const { login, label, rights, groups } = operator;
  if (!/^[\w.@+-]{1,80}$/.test(login) || login === internalOperator.login) throw loginRefused({ login });
  const password = operator.password === undefined ? generatePassword() : parsePassword(operator.password, login);
  const passwordHash = await hashPassword(password);
  const operatorId = await db.transaction(async (tx) => {
    await requireNames(tx, { rights, groups });
    const id = await insertOperator(tx, { login, label: label || login, passwordHash });
    if (id === undefined) throw operatorExists({ login });
    await insertRights(tx, id, rights);
    await insertMemberships(tx, id, groups);
    await updateRestrictions(tx, id, operator);
    const changes = { rights, groups, securityZone: operator.securityZone, folderId: operator.folderId };
    await recordAuditEvent(tx, { ...by, action: "operatorCreated", entityKey: login, changes });
    return id;
  });
  return { operatorId, generatedPassword: operator.password === undefined ? password : undefined };
}
