/** The server's time; needs neither session nor database. */

import { sessionService } from "#schemas/session-service.ts";

import { defineMethod } from "../../define-method.ts";

export const getServerTime = defineMethod(sessionService, "GetServerTime", async ({ context }) => [
  context.clock.now(),
]);
