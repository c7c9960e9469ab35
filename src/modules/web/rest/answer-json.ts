/** Answers with JSON and the ETag of what is answered, or with 304 when the client has it already. */

import { createHash } from "node:crypto";

import type { RestAnswer, RestCall } from "./rest-call.ts";

/** The body as text (a text is taken for JSON already), with its ETag; 304 for a GET whose If-None-Match names it. */
export function answerJson({ request }: Pick<RestCall, "request">, answer: RestAnswer): RestAnswer {
  const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
  const etag = etagOf(text);
  const headers = { ...answer.headers, etag };
  const isReading = request.method === "GET" || request.method === "HEAD";
  if (isReading && matchesEtag(request.headers["if-none-match"], etag)) return { status: 304, headers };
  return { ...answer, body: text, headers };
}

/** The same for the same text only. */
export function etagOf(text: string): string {
  return `"${createHash("sha256").update(text).digest("base64url").slice(0, 27)}"`;
}

/** True when the list of a condition holds the ETag, or is `*`. */
export function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((each) => each.trim() === "*" || each.trim().replace(/^W\//, "") === etag);
}
