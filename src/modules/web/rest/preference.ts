/** What a client prefers to be answered after a change (RFC 7240). */

import type { FastifyRequest } from "fastify";

/** `minimal`: only the status, and where it is; otherwise the whole. */
export function preferenceOf(request: FastifyRequest): "minimal" | "representation" {
  const wishes = [request.headers["prefer"] ?? []].flat().join(",").split(",");
  return wishes.some((wish) => wish.trim().toLowerCase() === "return=minimal") ? "minimal" : "representation";
}
