/** The installation's key file, and everything that is derived from it: signatures, and the encryption of stored passwords. */

import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { homeNotWritable } from "./home-errors.ts";
import type { Home } from "./home.ts";
import { secretKeyInvalid, secretUnreadable } from "./secret-errors.ts";

export type Secrets = {
  /**
   * A key for one purpose; the same purpose and instance give the same key on every host that has the key file.
   * @returns 32 bytes
   */
  deriveKey(purpose: KeyPurpose, instance: string): Buffer;
  /** Encrypts a password for a settings file or a table: `@aes1:` and base64. */
  encrypt(text: string): string;
  /** @throws secretUnreadable when the text was made with another key file */
  decrypt(text: string): string;
};

export type KeyPurpose = "links" | "return-path" | "hits" | "permits" | "session" | "stored-secrets" | "inbox";

const keyBytes = 32;
const encryptedPrefix = "@aes1:";

/** The file of the key. */
export function secretKeyFile(home: Home): string {
  return join(home.conf, "secret.key");
}

/**
 * Reads `conf/secret.key`, and makes it on the first start (mode 0600).
 * @throws homeNotWritable, secretKeyInvalid
 */
export function loadSecrets(home: Home): Secrets {
  const file = secretKeyFile(home);
  if (!existsSync(file)) createKeyFile(file);
  const key = Buffer.from(readKeyFile(file), "hex");
  if (key.length !== keyBytes) throw secretKeyInvalid({ file });
  return secretsFromKey(key);
}

/** The same from a key in memory. */
export function secretsFromKey(key: Buffer): Secrets {
  const derive = (purpose: KeyPurpose, instance: string): Buffer =>
    Buffer.from(hkdfSync("sha256", key, "postrider", `${purpose}|${instance}`, keyBytes));
  const storageKey = derive("stored-secrets", "");
  return {
    deriveKey: derive,
    encrypt: (text) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", storageKey, nonce);
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return encryptedPrefix + Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64");
    },
    decrypt: (text) => {
      try {
        const bytes = Buffer.from(text.slice(encryptedPrefix.length), "base64");
        const decipher = createDecipheriv("aes-256-gcm", storageKey, bytes.subarray(0, 12), { authTagLength: 16 });
        decipher.setAuthTag(bytes.subarray(12, 28));
        return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
      } catch (cause) {
        throw secretUnreadable(undefined, { cause });
      }
    },
  };
}

/** True for a text made by `encrypt`. */
export function isEncrypted(text: string): boolean {
  return text.startsWith(encryptedPrefix);
}

/**
 * A short signature over text, for links and return paths.
 * @returns 128 bits in base64url, 22 characters
 */
export function signText(key: Buffer, text: string): string {
  return createHmac("sha256", key).update(text).digest().subarray(0, 16).toString("base64url");
}

/** Compares a signature in constant time. */
export function isSignedBy(key: Buffer, text: string, signature: string): boolean {
  const expected = Buffer.from(signText(key, text));
  const given = Buffer.from(signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw secretKeyInvalid({ file }, { cause });
  }
}

/** Two processes may start at once: each writes a file of its own, and the first link wins. */
function createKeyFile(file: string): void {
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, `${randomBytes(keyBytes).toString("hex")}\n`, { mode: 0o600 });
    linkSync(draft, file);
  } catch (cause) {
    if (!existsSync(file)) throw homeNotWritable({ folder: file }, { cause });
  } finally {
    rmSync(draft, { force: true });
  }
}
