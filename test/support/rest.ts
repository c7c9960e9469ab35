/** Talks to the REST interface as a program does: JSON in, JSON out. */

import { request as sendRequest } from "node:http";

import { aWeb, type Answer, type RunningWeb, type Tokens } from "./web.ts";

export type JsonAnswer = Answer & {
  /** The body; an empty object when there is none, or it is no object. */
  readonly json: Readonly<Record<string, unknown>>;
};

export type Rest = {
  readonly web: RunningWeb;
  /** Of the operator admin. */
  readonly tokens: Tokens;
  /**
   * Sends a request with the session of admin.
   * @param path below /api/v1
   * @param body sent as JSON; a text or bytes as they are
   * @param headers over the usual ones; an undefined one is left out
   */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string | undefined>>,
  ): Promise<JsonAnswer>;
};

/** A server with its REST interface, and someone logged on. */
export async function aRest(t: Parameters<typeof aWeb>[0], given: Parameters<typeof aWeb>[1] = {}): Promise<Rest> {
  const web = await aWeb(t, given);
  const tokens = await web.logOn();
  const usual = {
    "content-type": "application/json",
    "x-session-token": tokens.session,
    "x-security-token": tokens.security,
  };
  return {
    web,
    tokens,
    call: (method, path, body, headers = {}) =>
      send(web.port, method, `/api/v1${path}`, { ...usual, ...headers }, body),
  };
}

function send(
  port: number,
  method: string,
  path: string,
  given: Readonly<Record<string, string | undefined>>,
  body: unknown,
): Promise<JsonAnswer> {
  const isRaw = typeof body === "string" || body instanceof Buffer || body === undefined;
  const content = isRaw ? body : JSON.stringify(body);
  const headers = Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  if (content === undefined) delete headers["content-type"];
  return new Promise((resolve, reject) => {
    const request = sendRequest({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(pieces).toString("utf8");
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) });
      });
    });
    request.on("error", reject);
    request.end(content);
  });
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
