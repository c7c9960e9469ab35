/** A private key that signs the mail of one domain, read once. */

import { createPrivateKey, type KeyObject } from "node:crypto";

export type DkimKey = {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: "rsa-sha256" | "ed25519-sha256";
  readonly privateKey: KeyObject;
};

export type DkimKeyReading = { readonly key: DkimKey } | { readonly problem: string };

/**
 * Reads a private key in PEM form: RSA of at least 1024 bits, or Ed25519. Parsing it for each message would cost three times the signature.
 * @returns the key, or in words why it cannot be used
 * @source RFC 8301 section 3.2, RFC 8463
 */
export function readDkimKey(options: { domain: string; selector: string; pem: string }): DkimKeyReading {
  const { domain, selector } = options;
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(options.pem);
  } catch {
    return { problem: "it is not a private key in PEM form" };
  }
  if (privateKey.asymmetricKeyType === "ed25519")
    return { key: { domain, selector, algorithm: "ed25519-sha256", privateKey } };
  if (privateKey.asymmetricKeyType !== "rsa")
    return { problem: `${privateKey.asymmetricKeyType ?? "its"} keys cannot sign mail; use RSA or Ed25519` };
  const bits = privateKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < 1024) return { problem: `receivers refuse an RSA key of ${bits} bits; use 2048` };
  return { key: { domain, selector, algorithm: "rsa-sha256", privateKey } };
}
