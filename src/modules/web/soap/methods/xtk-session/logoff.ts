/** Ends the session of the call. */

import { logOff } from "#campaign/access/log-off.ts";
import { sessionService } from "#schemas/session-service.ts";

import { defineMethod } from "../../define-method.ts";

export const logoff = defineMethod(sessionService, "Logoff", async ({ context, caller }) => {
  if (caller?.token !== undefined) await logOff(context, caller.token, caller.operator.login);
  return [];
});
