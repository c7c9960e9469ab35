import assert from "node:assert/strict";
import { test } from "node:test";

import { emailKey } from "./email-key.ts";
import { parseEmailAddress } from "./parse-email-address.ts";

const keyOf = (text: string): string => emailKey(parseEmailAddress(text));

test("case does not tell two addresses apart", () => {
  assert.equal(keyOf("Ann.Lee@Example.COM"), "ann.lee@example.com");
  assert.equal(keyOf("ÉLODIE@example.org"), "élodie@example.org");
});

test("dots are left out for Gmail, under either of its domains, and for nobody else", () => {
  assert.equal(keyOf("A.nn.Lee@gmail.com"), "annlee@gmail.com");
  assert.equal(keyOf("ann.lee@GoogleMail.com"), "annlee@gmail.com");
  assert.equal(keyOf("ann.lee@notgmail.com"), "ann.lee@notgmail.com");
  assert.equal(keyOf("ann.lee@gmail.com.example"), "ann.lee@gmail.com.example");
});

test("what follows a plus stays", () => {
  assert.equal(keyOf("ann.lee+news.x@gmail.com"), "annlee+newsx@gmail.com");
  assert.equal(keyOf("ann+news@example.com"), "ann+news@example.com");
});
