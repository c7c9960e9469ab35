/** Lets scripts of listed sites call the interface with an API token; never with a session's cookie. */

import type { FastifyReply, FastifyRequest } from "fastify";

import type { WebContext } from "../web-context.ts";
import { webRestSettings } from "./settings.ts";

const told = "etag, link, location, retry-after, x-request-id, idempotency-replayed, preference-applied";
const taken = "authorization, content-type, idempotency-key, if-match, if-none-match, prefer, x-request-id";
const methods = "GET, HEAD, POST, PATCH, DELETE, OPTIONS";

/** Headers for a browser that asks on behalf of another site's page; none when the site is not listed. */
export function corsHeaders({ host }: WebContext, { headers }: FastifyRequest): Record<string, string> {
  const { allowedOrigins } = host.settings.of(webRestSettings);
  const { origin } = headers;
  if (allowedOrigins.length === 0) return {};
  if (origin === undefined || !allowedOrigins.includes(origin)) return { vary: "Origin" };
  return {
    vary: "Origin",
    "access-control-allow-origin": origin,
    "access-control-expose-headers": told,
    "cross-origin-resource-policy": "cross-origin",
  };
}

/** Answers OPTIONS: what may be asked does not depend on who asks, nor on what is there. */
export function answerPreflight(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (reply.getHeader("access-control-allow-origin") !== undefined && request.headers["access-control-request-method"])
    reply.headers({
      "access-control-allow-methods": methods,
      "access-control-allow-headers": taken,
      "access-control-max-age": "600",
    });
  return reply.code(204).header("allow", methods).send();
}
