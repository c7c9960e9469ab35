/** Makes the HTTP server below Fastify, with or without TLS, and with every limit of a connection. */

import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";

import { webTlsSettings } from "#foundation/common-settings.ts";
import type { Settings } from "#foundation/settings.ts";

import { webSettings } from "../settings.ts";
import { readCertificate } from "./read-certificate.ts";

/**
 * Makes the server; it does not listen yet.
 * @throws certificateUnusable
 */
export function openListener(settings: Settings, onRequest: RequestListener): Server {
  const { requestTimeoutSec, maxConnections } = settings.of(webSettings);
  const files = settings.of(webTlsSettings);
  const options = {
    requestTimeout: requestTimeoutSec * 1000,
    headersTimeout: Math.min(15, requestTimeoutSec) * 1000,
    keepAliveTimeout: 65_000,
    maxHeaderSize: 16_384,
    connectionsCheckingInterval: 1_000,
  };
  const server =
    files.certificate === "" && files.key === ""
      ? createServer(options, onRequest)
      : createTlsServer(
          { ...options, ...readCertificate(files), minVersion: "TLSv1.2", handshakeTimeout: 10_000 },
          onRequest,
        );
  server.maxConnections = maxConnections;
  server.maxHeadersCount = 200;
  return server;
}
