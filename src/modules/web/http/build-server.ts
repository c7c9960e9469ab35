/** Builds the HTTP server: limits, headers, error answers; the routes are added by soap/ and pages/. */

import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import Fastify, { type FastifyInstance, type FastifyReply } from "fastify";

import type { WebContext } from "../web-context.ts";
import { believedProxies } from "./believed-proxies.ts";
import type { Forwarder } from "./forward-redirect.ts";
import { openListener } from "./open-listener.ts";
import { type Client, readClient } from "./read-client.ts";
import { addRelay } from "./relay.ts";
import { refuseForged } from "./refuse-forged.ts";
import { securityHeaders } from "./security-headers.ts";

declare module "fastify" {
  interface FastifyRequest {
    client: Client;
    /** What a road with many operations was asked to do; set by it, counted by /metrics. */
    operation: Operation | undefined;
  }
}

export type Operation = {
  readonly kind: "soap" | "rest";
  /** One of a closed list, such as `xtk:session#Logon` or `GET recipient`: never what a client made up. */
  readonly name: string;
  /** For answers whose HTTP status does not tell, such as SOAP faults. */
  readonly hasFailed?: boolean;
};

/** A form of ours is small; larger bodies have routes of their own. */
const largestFormBytes = 64 * 1024;

/** What a connection is told, before it is closed, whose request cannot be read. */
const unreadable: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
};

/**
 * Builds the server; it does not listen yet.
 * @throws certificateUnusable
 */
export async function buildServer({ host }: WebContext, forwarder: Forwarder): Promise<FastifyInstance> {
  const proxies = believedProxies(host.settings);
  const app = Fastify({
    logger: false,
    bodyLimit: largestFormBytes,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    serverFactory: (handler) =>
      openListener(host.settings, (request, response) => {
        if (!forwarder.forward(request, response)) handler(request, response);
      }),
    // An address that cannot be decoded reaches no route: it is answered as a page that is not there.
    frameworkErrors: (_, __, reply) => {
      void (reply as FastifyReply)
        .code(404)
        .type("text/plain; charset=utf-8")
        .send("There is nothing at this address.\n");
    },
    clientErrorHandler: ({ code }, socket) => {
      const status = unreadable[code] ?? "400 Bad Request";
      if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    },
  });

  app.decorateRequest("client");
  app.decorateRequest("operation", undefined);
  app.addHook("onRequest", async (request, reply) => {
    request.client = readClient(request.raw, proxies);
    reply.headers(securityHeaders(request.client.isSecure));
  });
  addRelay(app, host.settings);
  refuseForged(app);
  app.addHook("onResponse", async (request, reply) => {
    // The path without its query, which may hold what is not for a log.
    const path = request.url.split("?", 1)[0] ?? "";
    const durationMs = Math.round(reply.elapsedTime);
    host.log.debug("web.request", {
      method: request.method,
      path: path.slice(0, 200),
      status: reply.statusCode,
      durationMs,
    });
  });
  // Forms only: each other kind of body is read by the routes that want it.
  app.removeAllContentTypeParsers();
  await app.register(cookie);
  await app.register(formbody, { bodyLimit: largestFormBytes });
  return app;
}
