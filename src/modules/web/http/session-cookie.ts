/** The cookie that carries a browser's session. */

import type { FastifyReply, FastifyRequest } from "fastify";

/** Two underscores, as clients of Classic know it; the token's own text begins with three. */
export const sessionCookie = "__sessiontoken";

/** Hands the token to the browser: out of reach of scripts, and not sent along with other sites' posts. */
export function setSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
  lifeSec: number | undefined,
): void {
  reply.setCookie(sessionCookie, token, {
    path: "/",
    httpOnly: true,
    sameSite: "lax",
    secure: request.client.isSecure,
    ...(lifeSec === undefined ? {} : { maxAge: lifeSec }),
  });
}

/** Takes the cookie back. */
export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  reply.clearCookie(sessionCookie, { path: "/", httpOnly: true, sameSite: "lax", secure: request.client.isSecure });
}
