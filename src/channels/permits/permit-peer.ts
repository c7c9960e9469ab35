/** Where the statistics server of an instance is, and the key that its senders and it sign with. */

import { hkdfSync } from "node:crypto";

import { statAddress, statSecretSettings } from "#foundation/common-settings.ts";
import type { Secrets } from "#foundation/secrets.ts";
import type { Settings } from "#foundation/settings.ts";

export type PermitPeer = { readonly address: string; readonly port: number; readonly key: Buffer };

type Given = { readonly settings: Settings; readonly secrets: Secrets; readonly instance: string };

/** What a sender, a page or the command talks to. */
export function permitPeer(given: Given): PermitPeer {
  const { address, port } = given.settings.of(statAddress);
  return { address, port, key: keysOf(given).key };
}

/**
 * The keys of the server: the shared secret's, when one is set, else the instance's own; then what it accepts besides: the former secret's
 * while senders are moved to the new one, and the instance's own for those that have none set.
 */
export function permitKeys(given: Given): { readonly key: Buffer; readonly otherKeys: readonly Buffer[] } {
  return keysOf(given);
}

function keysOf({ settings, secrets, instance }: Given): { key: Buffer; otherKeys: Buffer[] } {
  const { sharedSecret, formerSharedSecret } = settings.of(statSecretSettings);
  const own = secrets.deriveKey("permits", instance);
  const former = formerSharedSecret === "" ? [] : [keyOf(formerSharedSecret)];
  return sharedSecret === ""
    ? { key: own, otherKeys: former }
    : { key: keyOf(sharedSecret), otherKeys: [...former, own] };
}

/** Not the secret itself: what is derived from it serves for nothing else. */
function keyOf(secret: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, "postrider", "permits|shared", 32));
}
