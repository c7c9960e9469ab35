/** Finds who calls with an API token. */

import { checkZone } from "../admit-caller.ts";
import { mayLogOn } from "../identify-operator.ts";
import type { AccessContext } from "../log-on.ts";
import { isProbe } from "../operator.ts";
import { type ApiToken, hashApiToken, isApiTokenText } from "./api-token.ts";
import { findLiveApiToken, touchApiToken } from "./api-token-store.ts";

/**
 * Looks a token up, with its operator as he is at this moment. A refusal is logged with the attempts to log on.
 * @param address the client's IP address
 * @returns undefined when the token is unknown, expired or revoked, or its operator disabled or without rights
 * @throws zoneRefused when the operator may not be used from this address
 */
export async function findApiToken(
  context: AccessContext,
  text: string,
  address: string,
): Promise<ApiToken | undefined> {
  const stored = isApiTokenText(text) ? await findLiveApiToken(context.db, hashApiToken(text)) : undefined;
  if (stored === undefined || !mayLogOn(stored.credentials) || isProbe(stored.credentials.operator)) {
    const login = stored?.credentials.operator.login ?? "";
    context.log.warning("session.logon_by_token", { login, tokenId: stored?.tokenId, address, result: "refused" });
    return undefined;
  }
  const { operator } = stored.credentials;
  checkZone(context, { address, isSecure: true }, operator);
  await touchApiToken(context.db, stored.tokenId, address);
  return { tokenId: stored.tokenId, operator, scopes: stored.scopes };
}
