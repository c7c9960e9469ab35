/** Recognises posts that another site makes a browser send. */

import type { FastifyRequest } from "fastify";

/**
 * True when the browser says that a request comes from a page that is not ours. A client that is no browser says nothing:
 * it carries no cookie that someone else could use.
 */
export function isFromElsewhere(request: FastifyRequest): boolean {
  const { origin } = request.headers;
  if (origin !== undefined) return hostOf(origin) !== request.client.host;
  const site = request.headers["sec-fetch-site"];
  return site === "cross-site" || site === "same-site";
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host.toLowerCase();
  } catch {
    return undefined;
  }
}
