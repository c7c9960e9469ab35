/** Ends the session of the call. */

import { logOff } from "#campaign/access/log-off.ts";
import { sessionService } from "#schemas/session-service.ts";

import { defineMethod } from "../../define-method.ts";

export const logoff = defineMethod(sessionService, "Logoff", async ({ context, session }) => {
  if (session !== undefined) await logOff(context, session.token, session.operator.login);
  return [];
});
