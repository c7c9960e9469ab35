import assert from "node:assert/strict";
import { test } from "node:test";

import { findRule, type MxRule, ruleWithoutMatch } from "./mx-rule.ts";

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
