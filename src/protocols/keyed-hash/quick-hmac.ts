/** HMAC-SHA-256 of short texts, many with one key: the padded keys are kept, and no object is made for a text. */

import { createHmac, hash, KeyObject } from "node:crypto";

/** The padded key with room for a text behind it, and the outer one with room for the inner hash. */
type Pads = { readonly inner: Buffer; readonly outer: Buffer };

const blockBytes = 64;
const hashBytes = 32;
/** Longer texts go the usual way. */
const longestText = 1_024;

const padsOf = new WeakMap<KeyObject | Buffer, Pads>();

/**
 * The same as `createHmac("sha256", key).update(text).digest(encoding)`, in half the time and without garbage.
 * @param key of at most 64 bytes; the same object each time, and a buffer must not change
 * @param encoding `binary` gives the bytes, one character each
 * @source RFC 2104
 */
export function quickHmac(key: KeyObject | Buffer, text: string, encoding: "base64url" | "binary"): string {
  if (text.length > longestText) return createHmac("sha256", key).update(text).digest(encoding);
  const { inner, outer } = padsOf.get(key) ?? makePads(key);
  const end = blockBytes + inner.write(text, blockBytes);
  outer.write(hash("sha256", inner.subarray(0, end), "binary"), blockBytes, "latin1");
  return hash("sha256", outer, encoding);
}

function makePads(key: KeyObject | Buffer): Pads {
  const bytes = key instanceof KeyObject ? key.export() : key;
  if (bytes.length > blockBytes) throw new RangeError(`a key of ${bytes.length} bytes is longer than a block`);
  const inner = Buffer.alloc(blockBytes + 3 * longestText, 0x36);
  const outer = Buffer.alloc(blockBytes + hashBytes, 0x5c);
  for (const [index, byte] of bytes.entries()) {
    inner[index] = byte ^ 0x36;
    outer[index] = byte ^ 0x5c;
  }
  const pads = { inner, outer };
  padsOf.set(key, pads);
  return pads;
}
