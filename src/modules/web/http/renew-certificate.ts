/** Takes a renewed TLS certificate without a restart: connections that are open keep the one they were made with. */

import { statSync } from "node:fs";
import { Server } from "node:https";

import type { FastifyInstance } from "fastify";

import { webTlsSettings } from "#foundation/common-settings.ts";
import { describeError } from "#foundation/errors.ts";
import type { Log } from "#foundation/log.ts";

import type { WebContext } from "../web-context.ts";
import { type CertificateFiles, readCertificate } from "./read-certificate.ts";

/** Files are looked at, not watched: renewals replace files and links in ways that no watch sees everywhere. */
const lookIntervalMs = 2_000;

/**
 * Looks for a new certificate until it is stopped; one that cannot be used is named in the log, and the old one stays.
 * Does nothing where web speaks plain HTTP.
 */
export function renewCertificate(app: FastifyInstance, { host }: WebContext): { stop(): void } {
  const { server } = app;
  const files = host.settings.of(webTlsSettings);
  if (!(server instanceof Server)) return { stop: () => undefined };
  let seen = markOf(files);
  const timer = setInterval(() => {
    const mark = markOf(files);
    if (mark === seen) return;
    seen = mark;
    replace(server, files, host.log);
  }, lookIntervalMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

function replace(server: Server, files: CertificateFiles, log: Log): void {
  try {
    server.setSecureContext({ ...readCertificate(files), minVersion: "TLSv1.2" });
    log.info("web.certificate_renewed", { certificate: files.certificate });
  } catch (error) {
    log.error("web.certificate_unusable", { reason: describeError(error) });
  }
}

/** Changes when a file does; a file that is gone for a moment counts as another one. */
function markOf({ certificate, key }: CertificateFiles): string {
  return [certificate, key]
    .map((file) => statSync(file, { throwIfNoEntry: false }))
    .map((found) => `${found?.ino}:${found?.mtimeMs}:${found?.size}`)
    .join(" ");
}
