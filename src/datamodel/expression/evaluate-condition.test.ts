import assert from "node:assert/strict";
import { test } from "node:test";

import { evaluateCondition } from "./evaluate-condition.ts";

const facts = {
  parameters: { login: "ana", loginId: 7, since: "2021-07-07" },
  hasRight: (name: string) => name === "export",
};
const decide = (expression: string): boolean => evaluateCondition(expression, facts);

test("rights, parameters and constants decide a condition apart from any row", () => {
  assert.equal(decide("hasNamedRight('admin') = false"), true);
  assert.equal(decide("hasNamedRight('export')"), true);
  assert.equal(decide("HASNAMEDRIGHT('admin') = 1 or $(login) = 'ana'"), true);
  assert.equal(decide("NOT ($(login) in ('bob', 'eve')) and $(loginId) > 6.5"), true);
  assert.equal(decide("$(login) = '' or FALSE"), false);
  assert.equal(decide("$(login) is not null and $date(since) >= #2021-07-07#"), true);
  assert.equal(decide("#2021-07-07T10:00:00Z# < #2021-07-07T11:30:00+01:00#"), true);
});

test("fields and what the database computes have no meaning there", () => {
  assert.throws(() => decide("@email = 'x'"), /there are no fields here/);
  assert.throws(() => decide("Upper($(login)) = 'ANA'"), /computed by the database/);
  assert.throws(() => decide("$(loginId) + 1 = 8"), /Apart from any row/);
  assert.throws(() => decide("$(login)"), /It is a text, not a condition/);
  assert.throws(() => decide("$(absent) = 1"), /has no value/);
});
