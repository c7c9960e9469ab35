import assert from "node:assert/strict";
import { test } from "node:test";

import { openPace } from "./lane-pace.ts";

test("what a destination stands is known after a second in which it was kept busy, and only then", () => {
  const pace = openPace();
  assert.equal(pace.limit(500), 500);
  for (let waiting = 500; waiting > 490; waiting -= 1) pace.noteBegun(waiting);
  pace.measure();
  assert.equal(pace.limit(500), 500, "it may have been idle before its first message");
  for (let waiting = 490; waiting > 440; waiting -= 1) pace.noteBegun(waiting);
  pace.measure();
  assert.equal(pace.limit(440), 50);
  assert.equal(pace.most, 50);
  assert.equal(pace.limit(20), 20);
  pace.measure();
  assert.equal(pace.limit(440), 0, "nothing was taken for a second");
  assert.equal(pace.most, 50, "which may be our fault");
  for (let seconds = 1; seconds <= 5; seconds += 1) pace.measure();
  assert.equal(pace.most, 0);
});

test("a destination that takes all that there is is not held to it", () => {
  const pace = openPace();
  pace.measure();
  for (const waiting of [2, 1, 0]) pace.noteBegun(waiting);
  pace.measure();
  assert.equal(pace.limit(1_000), 1_000);
  assert.equal(pace.most, Number.POSITIVE_INFINITY);
});
