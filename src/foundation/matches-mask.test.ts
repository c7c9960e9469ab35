import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { processorMs } from "#test/support/processor-time.ts";

import { matchesMask } from "./matches-mask.ts";

for (const [mask, name, matches] of [
  ["*", "anything.test", true],
  ["*.google.com", "aspmx.l.google.com", true],
  ["*.google.com", "google.com", false],
  ["mx?.example.test", "mx1.example.test", true],
  ["mx?.example.test", "mx.example.test", false],
  ["MX.Example.test", "mx.example.TEST", true],
  ["a*b*c", "aXbXbXc", true],
  ["a*b*c", "aXbXb", false],
  ["", "", true],
  ["", "a", false],
] as const) {
  test(`${mask} ${matches ? "matches" : "does not match"} ${name}`, () =>
    assert.equal(matchesMask(mask, name), matches));
}

test("a mask means what the same regular expression means", () => {
  const letters = fc.array(fc.constantFrom("a", "b", "."), { maxLength: 8 }).map((parts) => parts.join(""));
  const masks = fc.array(fc.constantFrom("a", "b", ".", "*", "?"), { maxLength: 8 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(masks, letters, (mask, name) => {
      const source = Array.from(mask)
        .map((character) => ({ "*": ".*", "?": ".", ".": "\\." })[character] ?? character)
        .join("");
      assert.equal(matchesMask(mask, name), new RegExp(`^${source}$`).test(name));
    }),
    { numRuns: 2_000 },
  );
});

test("a mask made to be slow is not", () => {
  const before = processorMs();
  assert.equal(matchesMask(`${"a*".repeat(100)}b`, "a".repeat(5_000)), false);
  assert.ok(processorMs() - before < 1_000);
});
