import assert from "node:assert/strict";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { aHome } from "#test/support/context.ts";

import { isEncrypted, isSignedBy, loadSecrets, signText } from "./secrets.ts";

test("the key file is made once, for its owner only, and gives the same keys for ever", (t) => {
  const home = aHome(t);
  const first = loadSecrets(home).deriveKey("links", "main");
  assert.equal(statSync(join(home.conf, "secret.key")).mode & 0o777, 0o600);
  assert.deepEqual(loadSecrets(home).deriveKey("links", "main"), first);
  assert.notDeepEqual(loadSecrets(home).deriveKey("links", "other"), first);
  assert.notDeepEqual(loadSecrets(home).deriveKey("permits", "main"), first);
});

test("a damaged key file is refused, not replaced", (t) => {
  const home = aHome(t);
  writeFileSync(join(home.conf, "secret.key"), "abc");
  assert.throws(() => loadSecrets(home), /64 hexadecimal digits/);
});

test("what is encrypted is read back, and a changed letter is noticed", (t) => {
  const secrets = loadSecrets(aHome(t));
  const stored = secrets.encrypt("pass wörd");
  assert.ok(isEncrypted(stored) && !stored.includes("pass"));
  assert.equal(secrets.decrypt(stored), "pass wörd");
  assert.throws(() => secrets.decrypt(`${stored.slice(0, -6)}AAAA==`), /cannot be decrypted/);
});

test("a signature holds for its text and its key only", (t) => {
  const secrets = loadSecrets(aHome(t));
  const key = secrets.deriveKey("links", "main");
  const signature = signText(key, "h1,2,3");
  assert.equal(signature.length, 22);
  assert.ok(isSignedBy(key, "h1,2,3", signature));
  assert.ok(!isSignedBy(key, "h1,2,4", signature));
  assert.ok(!isSignedBy(secrets.deriveKey("links", "other"), "h1,2,3", signature));
  assert.ok(!isSignedBy(key, "h1,2,3", ""));
});
