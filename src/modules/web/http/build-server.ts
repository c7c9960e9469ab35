/** Builds the HTTP server: limits, headers, error answers; the routes are added by soap/ and pages/. */

import { createServer } from "node:http";

import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import Fastify, { type FastifyInstance, type FastifyReply } from "fastify";

import { webSettings } from "../settings.ts";
import type { WebContext } from "../web-context.ts";
import type { Forwarder } from "./forward-redirect.ts";
import { type Client, readClient } from "./read-client.ts";
import { securityHeaders } from "./security-headers.ts";

declare module "fastify" {
  interface FastifyRequest {
    client: Client;
  }
}

/** A form of ours is small; larger bodies have routes of their own. */
const largestFormBytes = 64 * 1024;

/** What a connection is told, before it is closed, whose request cannot be read. */
const unreadable: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
};

/** Builds the server; it does not listen yet. */
export async function buildServer({ host }: WebContext, forwarder: Forwarder): Promise<FastifyInstance> {
  const { trustedProxies, requestTimeoutSec, maxConnections } = host.settings.of(webSettings);
  const app = Fastify({
    logger: false,
    bodyLimit: largestFormBytes,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: true },
    serverFactory: (handler) => {
      const server = createServer(
        {
          requestTimeout: requestTimeoutSec * 1000,
          headersTimeout: Math.min(15, requestTimeoutSec) * 1000,
          keepAliveTimeout: 65_000,
          maxHeaderSize: 16_384,
          connectionsCheckingInterval: 1_000,
        },
        (request, response) => {
          if (!forwarder.forward(request, response)) handler(request, response);
        },
      );
      server.maxConnections = maxConnections;
      server.maxHeadersCount = 200;
      return server;
    },
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
  app.addHook("onRequest", async (request, reply) => {
    request.client = readClient(request.raw, trustedProxies);
    reply.headers(securityHeaders(request.client.isSecure));
  });
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
