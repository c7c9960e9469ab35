import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { findRule, matchesMask, type MxRule, ruleWithoutMatch } from "./mx-rule.ts";

function aRule(given: Partial<MxRule>): MxRule {
  return { ...ruleWithoutMatch, ...given };
}
const path = (host: string, publicId = 1): { host: string; address: string; publicId: number } => ({
  host,
  address: "192.0.2.1",
  publicId,
});

test("the first rule that matches governs, whatever stands behind it", () => {
  const rules = [
    aRule({ id: 1, mask: "*.google.com" }),
    aRule({ id: 2, mask: "*" }),
    aRule({ id: 3, mask: "alt1.google.com" }),
  ];
  assert.equal(findRule(rules, path("alt1.google.com")).id, 1);
  assert.equal(findRule(rules, path("mx.example.test")).id, 2);
});

test("a rule for some of our addresses leaves the others to the next rule", () => {
  const rules = [aRule({ id: 1, publicIds: "2, 4-6" }), aRule({ id: 2 })];
  assert.deepEqual(
    [1, 2, 3, 4, 6, 7].map((publicId) => findRule(rules, path("mx.test", publicId)).id),
    [2, 1, 2, 1, 1, 2],
  );
});

test("without any rule the usual limits hold", () => assert.equal(findRule([], path("mx.test")), ruleWithoutMatch));

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
  const before = performance.now();
  assert.equal(matchesMask(`${"a*".repeat(100)}b`, "a".repeat(5_000)), false);
  assert.ok(performance.now() - before < 1_000);
});
