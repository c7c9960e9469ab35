/** Makes an API token for an operator. */

import type { AccessContext } from "../log-on.ts";
import type { Operator } from "../operator.ts";
import { recordAuditEvent } from "../record-audit-event.ts";
import { hashApiToken, joinScopes, makeApiTokenText } from "./api-token.ts";
import { insertApiToken } from "./api-token-store.ts";

/** A look at the first characters tells tokens apart, and helps nobody to guess the rest. */
const hintLength = 8;

/**
 * Makes a token.
 * @param given.by who makes it, when it is not the operator himself
 * @returns text: shown now and never again, since only its hash is stored
 */
export async function createApiToken(
  context: Pick<AccessContext, "db" | "log">,
  given: {
    readonly operator: Operator;
    readonly label: string;
    readonly scopes: readonly string[];
    readonly expires?: Date;
    readonly by?: Operator;
    readonly address?: string;
  },
): Promise<{ readonly tokenId: number; readonly text: string }> {
  const { operator, label, scopes, expires, by = operator, address = "" } = given;
  const text = makeApiTokenText();
  const tokenId = await context.db.transaction(async (tx) => {
    const id = await insertApiToken(tx, {
      operatorId: operator.operatorId,
      label: label.slice(0, 200),
      hash: hashApiToken(text),
      hint: text.slice(0, hintLength),
      scopes: joinScopes(scopes),
      expires,
      createdBy: by.login,
    });
    const changes = { token: id, label, scopes, expires: expires?.toISOString() };
    await recordAuditEvent(tx, { ...by, address, action: "tokenCreated", entityKey: operator.login, changes });
    return id;
  });
  context.log.info("session.token_created", { login: operator.login, tokenId, by: by.login });
  return { tokenId, text };
}
