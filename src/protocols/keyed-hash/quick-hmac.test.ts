import assert from "node:assert/strict";
import { createHmac, createSecretKey, randomBytes } from "node:crypto";
import { test } from "node:test";

import fc from "fast-check";

import { quickHmac } from "./quick-hmac.ts";

test("any text under any key, as bytes or as a key object, has the HMAC that node:crypto gives it", () => {
  const keys = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((bytes) => Buffer.from(bytes));
  const texts = fc.oneof(fc.string({ unit: "binary" }), fc.string({ minLength: 900, maxLength: 1_200 }));
  fc.assert(
    fc.property(keys, texts, (key, text) => {
      const expected = createHmac("sha256", key).update(text).digest();
      assert.equal(quickHmac(key, text, "base64url"), expected.toString("base64url"));
      assert.equal(quickHmac(createSecretKey(key), text, "binary"), expected.toString("latin1"));
    }),
  );
});

test("texts of different lengths one after another do not leave anything behind, and two keys do not mix", () => {
  const [one, other] = [createSecretKey(randomBytes(32)), createSecretKey(randomBytes(32))];
  for (const text of ["a long text before a short one", "", "short", "ä".repeat(1_024), "x"])
    for (const key of [one, other])
      assert.equal(quickHmac(key, text, "base64url"), createHmac("sha256", key).update(text).digest("base64url"));
});
