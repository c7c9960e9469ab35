/** Deliveries of shop.test, keys that sign them, and what must be true of every message. */

import assert from "node:assert/strict";
import { createSecretKey, generateKeyPairSync, randomBytes } from "node:crypto";

import { dkimVerify } from "mailauth/lib/dkim/verify.js";

import type { DeliveryContent } from "#campaign/content/analyze-content.ts";
import type { DeliveryFacts, DeliveryMaterial } from "#campaign/content/compile-delivery.ts";
import type { CompiledDelivery } from "#campaign/content/compiled-message.ts";
import type { DkimKey } from "#protocols/dkim/dkim-key.ts";

import { aCompiledDelivery, errorsOf } from "./compiled-delivery.ts";

export const linkKey = createSecretKey(randomBytes(32));
export const returnPathKey = createSecretKey(randomBytes(32));

const identity = {
  instance: "main",
  bounceDomain: "bounce.shop.test",
  publicUrl: "https://mail.shop.test",
  linkKey,
  returnPathKey,
};

/** A delivery of shop.test in HTML and text, whose content is right. */
export function aShopDelivery(
  content: Partial<DeliveryContent>,
  facts: Partial<DeliveryFacts> = {},
  material: Partial<DeliveryMaterial> = {},
): CompiledDelivery {
  const whole = { replyToAddress: "help@shop.test", htmlSource: "<p>Hi</p>", textSource: "Hi", ...content };
  assert.deepEqual(errorsOf(whole), []);
  const { fromAddress = "news@shop.test", replyToAddress } = whole;
  return aCompiledDelivery(whole, { facts: { fromAddress, replyToAddress, ...facts } }, { identity, ...material });
}

/** A key of shop.test with the record that publishes it. */
export function aDkimKey(algorithm: DkimKey["algorithm"], selector = "s1"): { key: DkimKey; record: string } {
  const { privateKey, publicKey } =
    algorithm === "rsa-sha256" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ed25519");
  const der = publicKey.export({ type: "spki", format: "der" });
  const [kind, bytes] = algorithm === "rsa-sha256" ? ["rsa", der] : ["ed25519", der.subarray(-32)];
  return {
    key: { domain: "shop.test", selector, algorithm, privateKey },
    record: `v=DKIM1; k=${kind}; p=${bytes.toString("base64")}`,
  };
}

/**
 * What mailauth says of a message's signatures, in their order.
 * @param records by name, such as `s1._domainkey.shop.test`
 */
export async function verdictsOf(content: Buffer, records: Readonly<Record<string, string>>): Promise<string[]> {
  const { results } = await dkimVerify(content, {
    resolver: (name: string) => Promise.resolve(records[name] === undefined ? [] : [[records[name]]]),
  });
  return results.map(({ status }) => status.result);
}

/** Fails unless the bytes can be sent as they are: CRLF only, no line over 998, and none that begins with a dot. */
export function assertSafeWire(content: Buffer): void {
  const wire = content.toString("latin1");
  assert.ok(wire.endsWith("\r\n"));
  assert.doesNotMatch(wire, /\r(?!\n)|(?<!\r)\n|[^\x20-\x7e\t\r\n]/);
  for (const line of wire.split("\r\n")) {
    assert.ok(line.length <= 998);
    assert.doesNotMatch(line, /^\./);
  }
}
