/** Fetches a domain's policy file over HTTPS, from an address that was looked at before. */

import type { IncomingMessage } from "node:http";

import { type PolicyReading, readPolicy, type StsFault } from "./sts-policy.ts";

export type FetchOptions = {
  /** Addresses of the policy's host, in the order in which they are tried; none = there is no such host. */
  readonly resolve: (host: string) => Promise<readonly string[]>;
  /** False for addresses that are never connected to. */
  readonly mayConnect: (address: string) => boolean;
  readonly port: number;
  /** For one address, from the connection to the last byte. */
  readonly limitMs: number;
  /** Certificates in PEM that are trusted instead of the system's. */
  readonly trusted?: readonly string[];
};

export const longestPolicyBytes = 65_536;
const mostAddresses = 2;

/**
 * Fetches and reads `https://mta-sts.DOMAIN/.well-known/mta-sts.txt`: a valid certificate, status 200, text, at most 64 KiB, and no
 * redirect.
 * @source RFC 8461 section 3.3
 */
export async function fetchPolicy(domain: string, options: FetchOptions): Promise<PolicyReading> {
  const host = `mta-sts.${domain}`;
  const addresses = (await options.resolve(host)).filter((address) => options.mayConnect(address));
  if (addresses.length === 0) return fault(`${host} has no address that may be connected to`);
  let last: PolicyReading = fault("not tried");
  for (const address of addresses.slice(0, mostAddresses)) {
    const answer = await get(host, address, options);
    if (typeof answer === "string") return readPolicy(answer);
    last = answer;
  }
  return last;
}

/** The file's text from one address. */
async function get(
  host: string,
  address: string,
  { port, limitMs, trusted }: FetchOptions,
): Promise<string | StsFault> {
  // Most senders never meet a policy: what this needs is loaded with the first.
  const { request } = await import("node:https");
  const { promise, resolve } = Promise.withResolvers<string | StsFault>();
  const asking = request({
    host: address,
    port,
    servername: host,
    path: "/.well-known/mta-sts.txt",
    headers: { host, accept: "text/plain", "user-agent": "postrider" },
    agent: false,
    minVersion: "TLSv1.2",
    rejectUnauthorized: true,
    ...(trusted === undefined ? {} : { ca: [...trusted] }),
    signal: AbortSignal.timeout(limitMs),
  });
  asking.on("error", (error) => resolve(fault(`${host} does not answer: ${describe(error)}`)));
  asking.on("response", (response) => {
    const problem = findProblem(response);
    if (problem === undefined) void readText(response).then(resolve);
    else {
      resolve(fault(`${host} ${problem}`));
      asking.destroy();
    }
  });
  asking.end();
  return promise;
}

function findProblem({ statusCode, headers }: IncomingMessage): string | undefined {
  if (statusCode !== 200) return `answers with status ${statusCode ?? 0}`;
  if (!/^text\/plain\s*(;|$)/i.test(headers["content-type"] ?? ""))
    return "answers with something else than text/plain";
  return undefined;
}

async function readText(response: IncomingMessage): Promise<string | StsFault> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > longestPolicyBytes) return fault(`the policy is longer than ${longestPolicyBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    return fault(`the policy breaks off: ${describe(error)}`);
  } finally {
    response.destroy();
  }
  return Buffer.concat(chunks).toString("utf8");
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

function fault(text: string): StsFault {
  return { kind: "fault", text };
}
