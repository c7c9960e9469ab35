import assert from "node:assert/strict";
import { test } from "node:test";

import { isPlannedTooFar, nextDailyRestart } from "./daily-restart.ts";

test("the restart is today when its time is still to come, else tomorrow", () => {
  const morning = new Date(2026, 10, 21, 5, 0, 0);
  assert.deepEqual(nextDailyRestart("06:00:00", morning), new Date(2026, 10, 21, 6, 0, 0));
  assert.deepEqual(nextDailyRestart("04:30:10", morning), new Date(2026, 10, 22, 4, 30, 10));
});

test("a restart at its very time is followed by the next day's", () => {
  const six = new Date(2026, 10, 21, 6, 0, 0);
  assert.deepEqual(nextDailyRestart("06:00:00", six), new Date(2026, 10, 22, 6, 0, 0));
});

test("a clock put back by two days asks for a new plan, one put back by a minute does not", () => {
  const planned = new Date(2026, 10, 22, 6, 0, 0);
  assert.equal(isPlannedTooFar(planned, new Date(2026, 10, 20, 6, 0, 0)), true);
  assert.equal(isPlannedTooFar(planned, new Date(2026, 10, 21, 6, 59, 0)), false);
});
