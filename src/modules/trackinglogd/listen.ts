/** Opens the HTTP port: raw `node:http`, with limits that slow or many clients cannot exceed. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";

import { describeError } from "#foundation/errors.ts";
import { followConnections, type HttpConnections } from "#foundation/http-connections.ts";
import { findPortOwner, isPortTaken } from "#foundation/port-owner.ts";

import { hitsPortRefused, hitsPortTaken } from "./errors.ts";

export type ListenOptions = {
  readonly address: string;
  readonly port: number;
  readonly maxConnections: number;
  readonly headersTimeoutMs: number;
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void;
};

/** After its headers, a request has this long to send its body. */
const bodyTimeMs = 10_000;
const keepAliveMs = 20_000;
const stopWaitMs = 5_000;

export type Listener = {
  /** Takes no more connections, lets requests under way be answered, and cuts off what is left after 5 s; safe to call twice. */
  stop(): Promise<void>;
};

/**
 * Binds the port.
 * @throws hitsPortTaken naming the program that holds it, hitsPortRefused
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { address, port } = options;
  const server = createServer(
    {
      headersTimeout: options.headersTimeoutMs,
      requestTimeout: options.headersTimeoutMs + bodyTimeMs,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16_384,
    },
    options.onRequest,
  );
  server.maxConnections = options.maxConnections;
  const connections = followConnections(server);
  try {
    server.listen(port, address);
    await once(server, "listening");
  } catch (cause) {
    if (isPortTaken(cause)) throw hitsPortTaken({ address, port, owner: findPortOwner("tcp", port) }, { cause });
    throw hitsPortRefused({ address, port, reason: describeError(cause) }, { cause });
  }
  let stopped: Promise<void> | undefined;
  return { stop: () => (stopped ??= stopListening(server, connections)) };
}

async function stopListening(server: Server, connections: HttpConnections): Promise<void> {
  const closed = once(server, "close");
  server.close();
  connections.release();
  const timer = setTimeout(() => server.closeAllConnections(), stopWaitMs);
  await closed;
  clearTimeout(timer);
}
