/** An answer as a value: what is decided about a request, before anything is sent. */

import type { Hit } from "#channels/hits/hit-line.ts";

import type { Outcome } from "./tally.ts";

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
};

/** What is decided about a request: the answer, and the hit that must be in the log before it leaves. */
export type Decision = {
  readonly answer: Answer;
  readonly hit?: { readonly instance: string; readonly hit: Hit; readonly outcome: Outcome };
  /** Answered instead when the hit cannot be written. */
  readonly otherwise?: Answer;
};

/** What every answer says: it is nobody's to keep, to index or to interpret as something else. */
const commonHeaders = {
  "cache-control": "no-store, private",
  "x-content-type-options": "nosniff",
  "x-robots-tag": "noindex, nofollow",
} as const;

/** Sends the visitor to a page. The address is of the sender's own choice, and free of control characters. */
export function redirectTo(location: string, cookie?: string): Answer {
  return {
    status: 302,
    headers: { ...commonHeaders, location, ...(cookie === undefined ? {} : { "set-cookie": cookie }) },
    body: "",
  };
}

/** A page that loads nothing, runs nothing, and whose form leads back here only. */
export function pageAnswer(status: number, html: string, more: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: {
      ...commonHeaders,
      ...more,
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
    },
    body: html,
  };
}

/** Bytes of a type. */
export function contentAnswer(status: number, contentType: string, body: string | Buffer): Answer {
  return { status, headers: { ...commonHeaders, "content-type": contentType }, body };
}

/** The answer to a method that a path does not know. */
export function methodNotAllowed(allowed: string): Answer {
  return {
    status: 405,
    headers: { ...commonHeaders, "content-type": "text/plain", allow: allowed },
    body: "This method is not allowed here.\n",
  };
}

/** The answer to a body that is larger than any that is needed. */
export function tooLarge(): Answer {
  return {
    status: 413,
    headers: { ...commonHeaders, "content-type": "text/plain", connection: "close" },
    body: "This request is too large.\n",
  };
}

/** The answer to a call that only processes of this installation may make. Its body is not read. */
export function refused(): Answer {
  return {
    status: 403,
    headers: { ...commonHeaders, "content-type": "text/plain", connection: "close" },
    body: "This call is not signed with this installation's key, or too old.\n",
  };
}
