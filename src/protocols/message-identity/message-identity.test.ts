import assert from "node:assert/strict";
import { createSecretKey, randomBytes } from "node:crypto";
import { test } from "node:test";

import fc from "fast-check";

import { nameMessage, parseMessageId, parseReturnPath } from "./message-identity.ts";

const key = randomBytes(32);
const maker = { instance: "main", bounceDomain: "bounce.example.org", returnPathKey: key };
const keyOf = (instance: string) => (instance === "main" ? key : undefined);
const identities = fc.record({ deliveryId: fc.maxSafeNat(), broadLogId: fc.maxSafeNat() }, { noNullPrototype: true });

test("the names of any message lead back to it, in any case and with or without brackets", () => {
  fc.assert(
    fc.property(identities, (identity) => {
      const { messageId, returnPath } = nameMessage(maker, identity);
      assert.deepEqual(parseMessageId(messageId, keyOf), { ...identity, instance: "main" });
      assert.deepEqual(parseMessageId(messageId.slice(1, -1), keyOf), { ...identity, instance: "main" });
      assert.deepEqual(parseReturnPath(`<${returnPath.toUpperCase()}>`, key), identity);
      assert.match(returnPath, /^[a-z0-9-]{1,64}@bounce\.example\.org$/);
      assert.deepEqual(nameMessage({ ...maker, returnPathKey: createSecretKey(key) }, identity), {
        messageId,
        returnPath,
      });
    }),
  );
});

test("a name with one character changed, of another instance or of another key leads nowhere", () => {
  const identity = { deliveryId: 0x7d1, broadLogId: 0x3e9 };
  const { messageId, returnPath } = nameMessage(maker, identity);
  const end = returnPath.indexOf("@");
  for (let index = 0; index < end; index += 1) {
    const other = returnPath[index] === "a" ? "b" : "a";
    assert.equal(parseReturnPath(returnPath.slice(0, index) + other + returnPath.slice(index + 1), key), undefined);
  }
  assert.equal(parseReturnPath(returnPath, randomBytes(32)), undefined);
  assert.equal(parseMessageId(messageId.replace("main.", "other."), keyOf), undefined);
  for (const text of ["", "b-1-2-@x", "<@>", `${returnPath} x`, "<a.b.c.d@e>", "x".repeat(10_000)]) {
    assert.equal(parseReturnPath(text, key), undefined);
    assert.equal(parseMessageId(text, keyOf), undefined);
  }
});
