/** Ends an API token at once. */

import type { AccessContext } from "../log-on.ts";
import { hasRight, type Operator } from "../operator.ts";
import { recordAuditEvent } from "../record-audit-event.ts";
import { revokeToken } from "./api-token-store.ts";

/**
 * Revokes a token: one of the operator's own, or any when he has the right admin.
 * @returns false when there is no such token, it has ended already, or it is someone else's
 */
export async function revokeApiToken(
  context: Pick<AccessContext, "db" | "log">,
  operator: Operator,
  tokenId: number,
): Promise<boolean> {
  const owner = hasRight(operator, "admin") ? undefined : operator.operatorId;
  const revoked = await context.db.transaction(async (tx) => {
    const found = await revokeToken(tx, tokenId, owner);
    if (found === undefined) return undefined;
    const changes = { token: tokenId, label: found.label };
    await recordAuditEvent(tx, { ...operator, address: "", action: "tokenRevoked", entityKey: found.login, changes });
    return found;
  });
  if (revoked === undefined) return false;
  context.log.info("session.token_revoked", { login: revoked.login, tokenId, by: operator.login });
  return true;
}
