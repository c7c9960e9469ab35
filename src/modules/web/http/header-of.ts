/** Reads one header of a request. */

import type { FastifyRequest } from "fastify";

/** Its value, of several the first; undefined when it is missing or empty. */
export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return (Array.isArray(value) ? value[0] : value) || undefined;
}
