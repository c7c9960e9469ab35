/** Refuses requests that another site makes a browser send, before any route reads them. */

import type { FastifyInstance } from "fastify";

import { requestForged } from "../errors.ts";
import { isFromElsewhere } from "./check-origin.ts";
import { sessionCookie } from "./session-cookie.ts";

const harmless = new Set(["GET", "HEAD", "OPTIONS"]);

const carriesSession = new RegExp(`(?:^|;)\\s*${sessionCookie}=`);

/**
 * Stands before every route that may change something. What only reads may be linked to from anywhere; what comes without a
 * session's cookie uses nobody's rights but those that it brings itself.
 */
export function refuseForged(app: FastifyInstance): void {
  app.addHook("onRequest", async (request) => {
    if (harmless.has(request.method) || !carriesSession.test(request.headers.cookie ?? "")) return;
    if (isFromElsewhere(request)) throw requestForged();
  });
}
