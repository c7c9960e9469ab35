/** Which connections of an HTTP server have a request under way, so that its end does not wait for those that have none. */

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

export type HttpConnections = {
  /**
   * Closes each connection when its last answer is out, and after a second those that have not asked anything. Node closes what has had an
   * answer before; it would wait for a connection without any, as browsers open ahead of their needs.
   */
  release(): void;
};

/** Whoever has just connected is about to ask: a click must not be lost to a restart. */
const unusedMs = 1_000;

/** Follows the connections of a server from now on. */
export function followConnections(server: Server): HttpConnections {
  /** Requests under way on each connection. */
  const requests = new Map<Socket, number>();
  let isReleased = false;

  const begin = (socket: Socket): void => {
    requests.set(socket, 0);
    socket.once("close", () => requests.delete(socket));
  };
  const end = (socket: Socket): void => {
    const left = (requests.get(socket) ?? 1) - 1;
    if (requests.has(socket)) requests.set(socket, left);
    if (isReleased && left === 0) socket.destroySoon();
  };
  // Over TLS a connection counts from the end of its handshake on, which has a limit of its own.
  server.on("setSecureContext" in server ? "secureConnection" : "connection", begin);
  server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    requests.set(socket, (requests.get(socket) ?? 0) + 1);
    response.once("close", () => end(socket));
  });
  return {
    release: () => {
      isReleased = true;
      const timer = setTimeout(() => {
        for (const [socket, count] of requests) if (count === 0) socket.destroy();
      }, unusedMs);
      timer.unref();
    },
  };
}
