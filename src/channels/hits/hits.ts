/**
 * The way to the redirection servers: mta pushes the links of a delivery before it sends, tracking fetches what was clicked and
 * opened. Signed HTTP; every call may be repeated.
 */

import type { Agent, IncomingMessage } from "node:http";
import { isIPv6 } from "node:net";

import { trackinglogdAddress } from "#foundation/common-settings.ts";
import { describeError } from "#foundation/errors.ts";
import type { Secrets } from "#foundation/secrets.ts";
import type { Settings } from "#foundation/settings.ts";

import { type DeliveryLinks, formatDeliveryLinks } from "./delivery-links.ts";
import { type HitFile, isHitFileName } from "./hit-file.ts";
import { hitsServerAway, hitsServerRefused } from "./errors.ts";
import { signHitsRequest } from "./hits-signature.ts";

export type HitsContext = { readonly settings: Settings; readonly secrets: Secrets; readonly instance: string };

export type HitsServer = {
  /** Its address, as the cursor keeps it. */
  readonly name: string;
  /** Stores where the links of a delivery lead; replaces what it knew of this delivery. */
  pushDelivery(links: DeliveryLinks): Promise<void>;
  /**
   * Lists the files of hits, oldest first.
   * @param stored how far each is stored in the database for good: what was read to its end may be purged
   */
  listFiles(stored: ReadonlyMap<string, number>): Promise<HitFile[]>;
  /**
   * Reads on from an offset: some megabytes of whole lines.
   * @returns undefined when there is no such file any more
   */
  readFile(name: string, offset: number): Promise<Buffer | undefined>;
  close(): void;
};

const timeoutMs = 15_000;
const largestAnswerBytes = 16_777_216;

/**
 * Stores a delivery's links on every redirection server. Sending may start once this has returned.
 * @param signal gives up when aborted
 * @throws hitsServerAway, hitsServerRefused: nothing must be sent yet; call again later
 */
export async function pushDelivery(context: HitsContext, links: DeliveryLinks, signal?: AbortSignal): Promise<void> {
  const servers = connectToHits(context, signal);
  try {
    for (const server of servers) await server.pushDelivery(links);
  } finally {
    for (const server of servers) server.close();
  }
}

/**
 * The redirection servers of an instance: those of `trackinglogd.servers`, or else the one of this host.
 * @param signal breaks off what is being asked, as a server that is away
 */
export function connectToHits({ settings, secrets, instance }: HitsContext, signal?: AbortSignal): HitsServer[] {
  const key = secrets.deriveKey("hits", instance);
  return listRedirectionServers(settings).map((base) => connect({ base, key, instance, signal }));
}

/** Their addresses, without a slash at the end. */
export function listRedirectionServers(settings: Settings): string[] {
  const { address, port, servers } = settings.of(trackinglogdAddress);
  const own = `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
  return servers.length > 0 ? servers.map((base) => base.replace(/\/$/, "")) : [own];
}

type Call = { readonly method: "GET" | "PUT" | "POST"; readonly path: string; readonly body: string };

type Connection = {
  readonly base: string;
  readonly key: Buffer;
  readonly instance: string;
  readonly signal: AbortSignal | undefined;
};

function connect({ base, key, instance, signal }: Connection): HitsServer {
  let agent: Agent | undefined;

  const ask = async (call: Call): Promise<{ status: number; body: Buffer }> => {
    // TLS costs memory in every process that loads it.
    const http = base.startsWith("https:") ? await import("node:https") : await import("node:http");
    agent ??= new http.Agent({ keepAlive: true });
    const headers = {
      authorization: signHitsRequest(key, call, new Date()),
      "content-length": Buffer.byteLength(call.body),
    };
    const options = {
      method: call.method,
      agent,
      headers,
      timeout: timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    };
    return new Promise((resolve, reject) => {
      const request = http.request(`${base}${call.path}`, options, (answer) => {
        readAll(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
      });
      request.on("timeout", () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
      request.on("error", reject);
      request.end(call.body);
    });
  };

  const call = async (method: Call["method"], path: string, body = ""): Promise<{ status: number; body: Buffer }> => {
    const answer = await ask({ method, path, body }).catch((cause: unknown) => {
      throw hitsServerAway({ server: base, reason: describeError(cause) }, { cause });
    });
    if (answer.status >= 200 && answer.status < 300) return answer;
    if (answer.status === 404 && method === "GET") return answer;
    throw hitsServerRefused({
      server: base,
      status: answer.status,
      reason: answer.body.toString("utf8").slice(0, 300).trim(),
    });
  };

  return {
    name: base,
    pushDelivery: async (links) => {
      await call("PUT", `/hits/${instance}/deliveries/${links.deliveryId.toString(16)}`, formatDeliveryLinks(links));
    },
    listFiles: async (stored) => {
      const answer = await call(
        "POST",
        `/hits/${instance}/files`,
        JSON.stringify({ stored: Object.fromEntries(stored) }),
      );
      return parseFiles(answer.body.toString("utf8"));
    },
    readFile: async (name, offset) => {
      const answer = await call("GET", `/hits/${instance}/files/${name}?offset=${offset}`);
      return answer.status === 404 ? undefined : answer.body;
    },
    close: () => agent?.destroy(),
  };
}

async function readAll(answer: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > largestAnswerBytes) answer.destroy(new Error("the answer is too large"));
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function parseFiles(text: string): HitFile[] {
  const root: unknown = JSON.parse(text);
  const files: unknown = typeof root === "object" && root !== null && "files" in root ? root.files : undefined;
  if (!Array.isArray(files)) return [];
  return files.flatMap((file: unknown): HitFile[] => {
    if (
      typeof file !== "object" ||
      file === null ||
      !("name" in file) ||
      !("sizeBytes" in file) ||
      !("isClosed" in file)
    )
      return [];
    const { name, sizeBytes, isClosed } = file;
    return typeof name === "string" && isHitFileName(name) && typeof sizeBytes === "number"
      ? [{ name, sizeBytes, isClosed: isClosed === true }]
      : [];
  });
}
