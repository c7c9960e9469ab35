/**
 * Hands clicks and opens (`/r/...`) to trackinglogd and streams its answer back, so that a single host needs one public
 * port. Paths are passed on as they came, before any routing: mail scanners send them in odd spellings, and only
 * trackinglogd can tell which are still good.
 */

import {
  Agent,
  type IncomingMessage,
  request as sendRequest,
  type RequestOptions,
  type ServerResponse,
} from "node:http";

import { trackinglogdAddress } from "#foundation/common-settings.ts";
import { describeError } from "#foundation/errors.ts";
import type { HostContext } from "#foundation/module.ts";

import { webRedirectionSettings } from "../settings.ts";
import { believedProxies } from "./believed-proxies.ts";
import { type Client, readClient } from "./read-client.ts";

export type Forwarder = {
  /** True when the request is one for trackinglogd, and will be answered. */
  forward(request: IncomingMessage, response: ServerResponse): boolean;
  close(): void;
};

/** A one-click unsubscription is 26 bytes; nothing else has a body. */
const largestBodyBytes = 65_536;

/** Headers that concern one connection only, or that are written anew. */
const ownHeaders = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "content-length",
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-host",
  // Of the cookies only some are passed on: the console's session is none of trackinglogd's business.
  "cookie",
  "authorization",
  "x-session-token",
  "x-security-token",
]);

/** Keeps connections to trackinglogd open between clicks. */
export function openForwarder(context: HostContext): Forwarder {
  const { address, port } = context.settings.of(trackinglogdAddress);
  const { timeoutSec } = context.settings.of(webRedirectionSettings);
  const proxies = believedProxies(context.settings);
  const agent = new Agent({ keepAlive: true, maxSockets: 256, maxFreeSockets: 64, scheduling: "lifo" });

  let failures = 0;
  let reportedAt = Number.NEGATIVE_INFINITY;
  // A campaign's clicks come by the thousand: one line in ten seconds says how many could not be passed on.
  const report = (error: unknown): void => {
    failures += 1;
    if (context.clock.elapsedMs() - reportedAt < 10_000) return;
    context.log.warning("web.redirections_failed", { failures, reason: describeError(error), address, port });
    reportedAt = context.clock.elapsedMs();
    failures = 0;
  };

  const forward = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await readBody(incoming);
    if (body === undefined) return answerPlain(outgoing, 413, "This request is too large.");
    const headers = headersFor(incoming, readClient(incoming, proxies), body);
    const options = {
      host: address,
      port,
      agent,
      method: incoming.method,
      path: incoming.url,
      headers,
      timeout: timeoutSec * 1000,
    };
    const answer = await ask(options, body);
    outgoing.writeHead(answer.statusCode ?? 502, withoutConnection(answer.headers));
    answer.pipe(outgoing);
    answer.on("error", () => outgoing.destroy());
    outgoing.on("close", () => answer.destroy());
  };

  return {
    forward: (incoming, outgoing) => {
      if (!isRedirect(incoming.url ?? "")) return false;
      forward(incoming, outgoing).catch((error: unknown) => {
        report(error);
        if (outgoing.headersSent) outgoing.destroy();
        else answerPlain(outgoing, 503, "This link cannot be followed at the moment. Please try again in a minute.");
      });
      return true;
    },
    close: () => agent.destroy(),
  };
}

/** `/r`, `/r/...` and `/r?...`. */
export function isRedirect(url: string): boolean {
  return /^\/r(?:[/?]|$)/.test(url);
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of incoming as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > largestBodyBytes) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function headersFor(incoming: IncomingMessage, client: Client, body: Buffer): Record<string, string | string[]> {
  const kept = Object.entries(incoming.headers).filter(
    (entry): entry is [string, string | string[]] => entry[1] !== undefined && !ownHeaders.has(entry[0]),
  );
  const cookies = (incoming.headers.cookie ?? "").split(";").map((cookie) => cookie.trim());
  const visitor = cookies.filter((cookie) => /^(?:uuid230|acoptout)=/.test(cookie)).join("; ");
  return {
    ...Object.fromEntries(kept),
    ...(visitor === "" ? {} : { cookie: visitor }),
    "x-forwarded-for": client.address,
    "x-forwarded-proto": client.isSecure ? "https" : "http",
    "x-forwarded-host": client.host,
    ...(body.length > 0 || incoming.method === "POST" ? { "content-length": String(body.length) } : {}),
  };
}

/** A kept connection may have been closed by the other end at the very moment it was chosen: then, and only then, again. */
async function ask(options: RequestOptions, body: Buffer): Promise<IncomingMessage> {
  for (;;) {
    const request = sendRequest(options);
    try {
      return await answerOf(request, body);
    } catch (error) {
      const isStale =
        request.reusedSocket &&
        error instanceof Error &&
        "code" in error &&
        (error.code === "ECONNRESET" || error.code === "EPIPE");
      if (!isStale) throw error;
    }
  }
}

function answerOf(request: ReturnType<typeof sendRequest>, body: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on("response", resolve);
    request.on("error", reject);
    request.on("timeout", () => request.destroy(new Error("trackinglogd does not answer")));
    request.end(body);
  });
}

function withoutConnection(headers: IncomingMessage["headers"]): Record<string, string | string[]> {
  const kept = Object.entries(headers).filter(
    (entry): entry is [string, string | string[]] =>
      entry[1] !== undefined && !/^(connection|keep-alive|transfer-encoding)$/.test(entry[0]),
  );
  return Object.fromEntries(kept);
}

function answerPlain(outgoing: ServerResponse, status: number, sentence: string): void {
  const page = `<!doctype html>\n<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${sentence}</title><p>${sentence}</p></html>\n`;
  outgoing.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-length": Buffer.byteLength(page),
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'",
    "x-content-type-options": "nosniff",
    ...(status === 503 ? { "retry-after": "60" } : { connection: "close" }),
  });
  outgoing.end(page);
}
