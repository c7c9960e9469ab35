/** How mta and tracking show the redirection server that they are of this installation: each request is signed. */

import { createHash } from "node:crypto";

import { isSignedBy, signText } from "#foundation/secrets.ts";

export type SignedRequest = {
  readonly method: string;
  /** With query. */
  readonly path: string;
};

/** Clocks of hosts may differ by this much; for as long a request that was overheard could be repeated, which changes nothing. */
const longestAgeMs = 600_000;

/**
 * The value of the header `Authorization`.
 * @param key `secrets.deriveKey("hits", instance)`
 */
export function signHitsRequest(key: Buffer, request: SignedRequest & { readonly body: string }, now: Date): string {
  const time = String(now.getTime());
  const bodyHash = hashBody(request.body);
  return `Postrider ${time}.${bodyHash}.${signText(key, describe(request, time, bodyHash))}`;
}

/**
 * Checks the header before the body is read.
 * @returns what the body must hash to, or undefined when the header was not made with the key, for this request, a short while ago
 */
export function verifyHitsHeader(
  key: Buffer,
  request: SignedRequest,
  header: string | undefined,
  now: Date,
): string | undefined {
  const found = /^Postrider (\d{1,15})\.([0-9a-f]{64})\.([A-Za-z0-9_-]{22})$/.exec(header ?? "");
  const [, time = "", bodyHash = "", signature = ""] = found ?? [];
  if (Math.abs(now.getTime() - Number(time)) > longestAgeMs) return undefined;
  return isSignedBy(key, describe(request, time, bodyHash), signature) ? bodyHash : undefined;
}

/** What a signed header says of the body. */
export function hashBody(body: string | Buffer): string {
  return createHash("sha256").update(body).digest("hex");
}

function describe({ method, path }: SignedRequest, time: string, bodyHash: string): string {
  return [method, path, time, bodyHash].join("\n");
}
