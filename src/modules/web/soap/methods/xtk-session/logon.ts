/** Opens a session. */

import { logonRefused, logonSlowed } from "#campaign/access/errors.ts";
import { logOn } from "#campaign/access/log-on.ts";
import { makeSecurityToken } from "#campaign/access/tokens.ts";
import { sessionService } from "#schemas/session-service.ts";

import { defineMethod } from "../../define-method.ts";
import { sessionInfo } from "../../session-info.ts";

/** @throws logonRefused, logonSlowed */
export const logon = defineMethod(
  sessionService,
  "Logon",
  async ({ context, address }, login, password, parameters) => {
    const isRemembered = parameters?.attributes.get("rememberMe") === "true";
    const outcome = await logOn(context, { login, password, address, isRemembered });
    if (outcome.kind === "refused") throw logonRefused();
    if (outcome.kind === "slowed") throw logonSlowed({ waitSec: outcome.waitSec });
    const { token, operator } = outcome;
    return [token, sessionInfo(context, operator), makeSecurityToken(context, token, context.clock.now())];
  },
);
