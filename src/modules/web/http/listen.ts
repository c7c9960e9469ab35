/** Opens the port, or says who holds it. */

import type { FastifyInstance } from "fastify";

import { describeError } from "#foundation/errors.ts";
import { findPortOwner, isPortTaken } from "#foundation/port-owner.ts";

import { webPortRefused, webPortTaken } from "../errors.ts";

/**
 * Starts listening.
 * @param address.port 0 lets the system choose
 * @returns the port
 * @throws webPortTaken naming the program that holds it, webPortRefused
 */
export async function listen(
  app: FastifyInstance,
  { address, port }: { address: string; port: number },
): Promise<number> {
  try {
    await app.listen({ host: address, port });
  } catch (cause) {
    if (isPortTaken(cause)) throw webPortTaken({ address, port, owner: findPortOwner("tcp", port) }, { cause });
    throw webPortRefused({ address, port, reason: describeError(cause) }, { cause });
  }
  const bound = app.server.address();
  return typeof bound === "object" && bound !== null ? bound.port : port;
}
