/**
 * Signs a message with DKIM, relaxed/relaxed: the body's hash first, then the header fields and each signature's own. What is the same
 * in all messages of a delivery is relaxed once.
 */

import { createHash, hash as hashAtOnce, sign } from "node:crypto";

import { endOfContent, relaxHeader, relaxLines } from "./canonicalize.ts";
import type { DkimKey } from "./dkim-key.ts";

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const longestLine = 76;

/**
 * Fields that are signed once more than they are there, so that none can be added without breaking the signature.
 * @source RFC 6376 sections 5.4.2 and 8.15
 */
const oversigned = [
  "from",
  "to",
  "cc",
  "subject",
  "date",
  "reply-to",
  "message-id",
  "mime-version",
  "content-type",
] as const;

/** Complete header fields with CRLF, and what their signature is made of. */
export type SignableFields = {
  readonly wire: string;
  /** Each field relaxed and with CRLF. */
  readonly relaxed: string;
  /** In lower case, in the order of the fields. */
  readonly names: readonly string[];
};

/** Relaxes fields, for messages that all have them. */
export function relaxFields(fields: readonly string[]): SignableFields {
  const relaxed = fields.map((field) => relaxHeader(field));
  return {
    wire: fields.join(""),
    relaxed: relaxed.map((field) => `${field}\r\n`).join(""),
    names: relaxed.map((field) => field.slice(0, field.indexOf(":"))),
  };
}

/**
 * The hash of a body in its relaxed form.
 * @param body CRLF lines; an empty one hashes as empty
 * @returns base64, for `signHeaders`
 */
export function hashBody(body: Buffer): string {
  return hashCanonicalBody([relaxLines(body)]);
}

/**
 * The same of a body whose pieces are canonical already, each on lines of its own.
 * @param pieces together they end with CRLF
 */
export function hashCanonicalBody(pieces: readonly Buffer[]): string {
  const last = pieces.findLastIndex((piece) => !isOnlyLineBreaks(piece));
  const tail = pieces[last];
  const end = tail?.subarray(0, endOfContent(tail));
  // The usual body is one piece that ends with its last line.
  if (last === 0 && end?.at(-1) === lineFeed) return hashAtOnce("sha256", end, "base64");
  const hash = createHash("sha256");
  for (let index = 0; index < last; index += 1) hash.update(pieces[index] ?? "");
  if (end !== undefined) {
    hash.update(end);
    if (end.at(-1) !== lineFeed) hash.update("\r\n");
  }
  return hash.digest("base64");
}

/**
 * Makes a DKIM-Signature header with each key, all of one hash of the body. RSA is done in libuv's pool, so that the event loop goes on.
 * @param message complete header fields with CRLF, each name once, all to be signed, those of `constants` behind the others; and the
 *   hash of `hashBody`
 * @returns the headers with CRLF, to be put before the others; empty without keys
 * @source RFC 6376, RFC 8463
 */
export async function signMessage(
  keys: readonly DkimKey[],
  message: {
    readonly fields: readonly string[];
    readonly constants: readonly SignableFields[];
    readonly bodyHash: string;
    readonly now: Date;
  },
): Promise<string> {
  const blocks = [relaxFields(message.fields), ...message.constants];
  const relaxed = blocks.map((block) => block.relaxed).join("");
  const names = foldNames([...blocks.flatMap((block) => block.names), ...oversigned]);
  const seconds = Math.floor(message.now.getTime() / 1000);
  const headers = await Promise.all(
    keys.map(async (key) => {
      const unsigned =
        `DKIM-Signature: v=1; a=${key.algorithm}; c=relaxed/relaxed; d=${key.domain};\r\n` +
        ` s=${key.selector}; t=${seconds};\r\n` +
        `${names};\r\n` +
        ` bh=${message.bodyHash};\r\n` +
        " b=";
      const signature = await makeSignature(key, Buffer.from(relaxed + relaxHeader(unsigned)));
      return `${unsigned}${foldBase64(signature)}\r\n`;
    }),
  );
  return headers.join("");
}

function makeSignature(key: DkimKey, data: Buffer): Promise<string> {
  if (key.algorithm === "ed25519-sha256") {
    // RFC 8463 section 3: what is signed is the hash.
    const hash = createHash("sha256").update(data).digest();
    return Promise.resolve(sign(null, hash, key.privateKey).toString("base64"));
  }
  return new Promise((resolve, reject) => {
    sign("sha256", data, key.privateKey, (error, signature) => {
      if (error === null) resolve(signature.toString("base64"));
      else reject(error);
    });
  });
}

function isOnlyLineBreaks(piece: Buffer): boolean {
  return piece.every((byte) => byte === carriageReturn || byte === lineFeed);
}

/** ` h=from:to:...`, folded before a name. */
function foldNames(names: readonly string[]): string {
  const lines: string[] = [];
  let line = " h=";
  for (const [index, name] of names.entries()) {
    const word = index < names.length - 1 ? `${name}:` : name;
    if (line.length + word.length > longestLine) {
      lines.push(line);
      line = "  ";
    }
    line += word;
  }
  return [...lines, line].join("\r\n");
}

function foldBase64(text: string): string {
  return (text.match(/.{1,70}/g) ?? []).join("\r\n  ");
}
