/** Signs a message with DKIM, relaxed/relaxed: the body's hash first, then the header fields and the signature's own. */

import { createHash, sign } from "node:crypto";

import { endOfContent, relaxHeader, relaxLines } from "./canonicalize.ts";
import type { DkimKey } from "./dkim-key.ts";

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const longestLine = 76;

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
  const hash = createHash("sha256");
  const last = pieces.findLastIndex((piece) => !isOnlyLineBreaks(piece));
  for (let index = 0; index < last; index += 1) hash.update(pieces[index] ?? "");
  const tail = pieces[last];
  if (tail !== undefined) {
    hash.update(tail.subarray(0, endOfContent(tail)));
    if (tail.at(-1) !== lineFeed) hash.update("\r\n");
  }
  return hash.digest("base64");
}

/**
 * Makes the DKIM-Signature header of a message. RSA is done in libuv's pool, so that the event loop goes on.
 * @param message the complete header fields with CRLF, each name once, all to be signed (From is signed twice, so that no second
 *   one can be added), and the hash of `hashBody`
 * @returns the header with CRLF, to be put before the others
 * @source RFC 6376, RFC 8463
 */
export async function signHeaders(
  key: DkimKey,
  message: { readonly fields: readonly string[]; readonly bodyHash: string; readonly now: Date },
): Promise<string> {
  const relaxed = message.fields.map((field) => relaxHeader(field));
  const names = relaxed.map((field) => field.slice(0, field.indexOf(":")));
  const unsigned =
    `DKIM-Signature: v=1; a=${key.algorithm}; c=relaxed/relaxed; d=${key.domain};\r\n` +
    ` s=${key.selector}; t=${Math.floor(message.now.getTime() / 1000)};\r\n` +
    `${foldNames([...names, "from"])};\r\n` +
    ` bh=${message.bodyHash};\r\n` +
    " b=";
  const signed = `${relaxed.join("\r\n")}\r\n${relaxHeader(unsigned)}`;
  const signature = await makeSignature(key, Buffer.from(signed));
  return `${unsigned}${foldBase64(signature)}\r\n`;
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
