/** The half of a key that the DNS shows. */

import { createPublicKey, type KeyObject } from "node:crypto";

/**
 * RSA as DER in base64; of Ed25519 the 32 bytes alone, the last of the DER form.
 * @param key either half
 * @source RFC 6376 section 3.6.1, RFC 8463 section 4
 */
export function publishedForm(key: KeyObject): string {
  const half = key.type === "private" ? createPublicKey(key) : key;
  const der = half.export({ type: "spki", format: "der" });
  return (half.asymmetricKeyType === "ed25519" ? der.subarray(-32) : der).toString("base64");
}
