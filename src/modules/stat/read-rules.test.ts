import assert from "node:assert/strict";
import { test } from "node:test";

import { passed } from "./read-rules.ts";

const at = (time: string): Date => new Date(`2026-11-21T${time}`);

for (const [from, to, isPassed] of [
  ["05:59:30", "06:00:00", true],
  ["05:59:30", "06:00:30", true],
  ["06:00:00", "06:01:00", false],
  ["05:58:00", "05:59:00", false],
  ["07:00:00", "23:59:59", false],
] as const) {
  test(`six o'clock ${isPassed ? "passes" : "does not pass"} between ${from} and ${to}`, () =>
    assert.equal(passed("06:00:00", at(from), at(to)), isPassed));
}

test("it passes in the night between two days, and once when a host slept for a week", () => {
  assert.equal(passed("00:30:00", at("23:59:00"), new Date("2026-11-22T00:31:00")), true);
  assert.equal(passed("06:00:00", at("12:00:00"), new Date("2026-11-28T05:00:00")), true);
});
