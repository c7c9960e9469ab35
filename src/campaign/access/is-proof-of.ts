/** Whether a request carries what proves that no other site made it. */

import { authenticationSettings } from "#foundation/common-settings.ts";

import type { AccessContext } from "./log-on.ts";
import { isSecurityToken, type SessionToken } from "./tokens.ts";

/** True when the text is a security token of the session, and still good; compared in constant time. */
export function isProofOf(context: AccessContext, session: SessionToken, text: string): boolean {
  const { securityTimeOutSec } = context.settings.of(authenticationSettings);
  return isSecurityToken(context, session, text, context.clock.now(), securityTimeOutSec);
}
