/** Answers probes that hold a session: the whole way through HTTP, session and database works. */

import type { FastifyReply } from "fastify";

import { sessionInvalid } from "#campaign/access/errors.ts";
import { findSession } from "#campaign/access/find-session.ts";

import { sessionCookie } from "../http/session-cookie.ts";
import type { PublicCall } from "./page-call.ts";

/** `OK` and the server's time with a session; without one a browser is sent to the logon page, anything else is refused. */
export async function ping({ context, request, reply }: PublicCall): Promise<FastifyReply> {
  const header = request.headers["x-session-token"];
  const token = (typeof header === "string" && header) || (request.cookies[sessionCookie] ?? "");
  if ((await findSession(context, token)) !== undefined) {
    const now = context.clock.now().toISOString().replace("T", " ");
    return reply.type("text/plain; charset=utf-8").send(`OK\n${now}\n`);
  }
  if (request.headers.accept?.includes("text/html") === true)
    return reply.redirect("/nl/jsp/logon.jsp?next=%2Fnl%2Fjsp%2Fping.jsp", 303);
  const { code, message } = sessionInvalid();
  return reply.code(403).type("text/plain; charset=utf-8").send(`${code} ${message}\n`);
}
