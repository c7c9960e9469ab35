/** Reads the TLS certificate and its key, and checks that they belong together. */

import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";

import { describeError } from "#foundation/errors.ts";

import { certificateUnusable } from "../errors.ts";

export type CertificateFiles = { readonly certificate: string; readonly key: string };

export type Certificate = { readonly cert: Buffer; readonly key: Buffer };

/**
 * Reads both files.
 * @throws certificateUnusable
 */
export function readCertificate({ certificate, key }: CertificateFiles): Certificate {
  let file = certificate;
  try {
    const cert = readFileSync(certificate);
    file = key;
    const read = { cert, key: readFileSync(key) };
    createSecureContext(read);
    return read;
  } catch (cause) {
    throw certificateUnusable({ file, reason: describeError(cause) }, { cause });
  }
}
