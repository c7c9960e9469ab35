/** Opens a session. */

import type { LogonRefusal } from "#campaign/access/check-logon.ts";
import { logonNeedsTls, logonRefused, logonSlowed, zoneRefused } from "#campaign/access/errors.ts";
import { logOn } from "#campaign/access/log-on.ts";
import { makeSecurityToken } from "#campaign/access/tokens.ts";
import { type PostriderError, unreachable } from "#foundation/errors.ts";
import { sessionService } from "#schemas/session-service.ts";

import { defineMethod } from "../../define-method.ts";
import { sessionInfo } from "../../session-info.ts";

/** @throws logonRefused, logonSlowed, zoneRefused, logonNeedsTls */
export const logon = defineMethod(sessionService, "Logon", async ({ context, client }, login, password, parameters) => {
  const isRemembered = parameters?.attributes.get("rememberMe") === "true";
  const outcome = await logOn(context, { ...client, login, password, isRemembered });
  if (outcome.kind !== "opened") throw refusalOf(outcome);
  const { token, operator } = outcome;
  return [token, sessionInfo(context, operator), makeSecurityToken(context, token, context.clock.now())];
});

function refusalOf(refusal: LogonRefusal): PostriderError {
  switch (refusal.kind) {
    case "refused":
      return logonRefused();
    case "slowed":
      return logonSlowed({ waitSec: refusal.waitSec });
    case "elsewhere":
      return zoneRefused();
    case "insecure":
      return logonNeedsTls();
    default:
      return unreachable(refusal);
  }
}
