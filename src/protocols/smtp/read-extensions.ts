/** What a server says in its answer to EHLO that it can do. */

import type { SmtpReply } from "./reply.ts";

export type Extensions = {
  readonly pipelining: boolean;
  readonly eightBitMime: boolean;
  readonly smtpUtf8: boolean;
  readonly startTls: boolean;
  readonly chunking: boolean;
  readonly dsn: boolean;
  /** True when MAIL takes SIZE=. */
  readonly size: boolean;
  /** Largest message in bytes; undefined when no limit is told. */
  readonly maxSizeBytes: number | undefined;
};

/** After HELO nothing may be assumed. */
export const noExtensions: Extensions = {
  pipelining: false,
  eightBitMime: false,
  smtpUtf8: false,
  startTls: false,
  chunking: false,
  dsn: false,
  size: false,
  maxSizeBytes: undefined,
};

/**
 * Reads the keywords of an answer to EHLO; unknown ones are passed over.
 * @source RFC 5321 section 4.1.1.1, RFC 1870, RFC 2920, RFC 3030, RFC 3207, RFC 3461, RFC 6152, RFC 6531
 */
export function readExtensions(reply: SmtpReply): Extensions {
  const keywords = new Map(
    reply.lines.slice(1).map((line) => {
      const [keyword = "", ...parameters] = line.trim().split(/[\s=]+/);
      return [keyword.toUpperCase(), parameters[0] ?? ""] as const;
    }),
  );
  const size = keywords.get("SIZE");
  const maxSizeBytes = size !== undefined && /^\d{1,15}$/.test(size) ? Number(size) : 0;
  return {
    pipelining: keywords.has("PIPELINING"),
    eightBitMime: keywords.has("8BITMIME"),
    smtpUtf8: keywords.has("SMTPUTF8"),
    startTls: keywords.has("STARTTLS"),
    chunking: keywords.has("CHUNKING"),
    dsn: keywords.has("DSN"),
    size: size !== undefined,
    maxSizeBytes: maxSizeBytes > 0 ? maxSizeBytes : undefined,
  };
}
