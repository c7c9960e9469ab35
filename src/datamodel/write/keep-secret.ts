/** Encrypts what a client wrote into a secret field. */

import { notSaved } from "./errors.ts";
import type { FieldValue } from "./field-value.ts";
import { secretMask } from "./secret-mask.ts";
import type { SecretCipher } from "./write-context.ts";

/**
 * The text that is stored; undefined when the client sent back the mask, and the secret stays. A text that was encrypted
 * by this installation (EncryptPassword) is stored as it is.
 * @throws notSaved when nobody here can encrypt
 */
export function keptSecret(
  { secrets }: { readonly secrets: SecretCipher | undefined },
  schema: string,
  field: string,
  value: FieldValue,
): FieldValue | undefined {
  if (value === secretMask) return undefined;
  if (typeof value !== "string" || value === "") return value;
  if (secrets === undefined) throw notSaved({ schema, reason: `the secret '${field}' cannot be encrypted here` });
  return isOurs(secrets, value) ? value : secrets.encrypt(value);
}

function isOurs(secrets: SecretCipher, text: string): boolean {
  if (!text.startsWith("@")) return false;
  try {
    secrets.decrypt(text);
    return true;
  } catch {
    // It only looks like one: then it is a secret like any other.
    return false;
  }
}
