import assert from "node:assert/strict";
import { test } from "node:test";

import { nextAttempt, type Pass } from "./next-attempt.ts";

const now = new Date("2026-11-21T10:00:00Z");
const settings = { now, retryPeriodSec: 3_600, retryCount: 5 };
const aPass = (given: Partial<Pass>): Pass => ({
  attempts: 0,
  deferred: 0,
  throttled: 0,
  crowded: 0,
  unread: 0,
  isHalted: false,
  ...given,
});
const hoursAhead = (hours: number): Date => new Date(now.getTime() + hours * 3_600_000);

test("five retries follow an hour apart, then one a day", () => {
  const waits = [0, 1, 2, 3, 4, 5, 6].map((attempts) => nextAttempt(aPass({ attempts, deferred: 1 }), settings));
  assert.deepEqual(
    waits.map(({ notBefore }) => notBefore),
    [1, 1, 1, 1, 1, 24, 24].map((hours) => hoursAhead(hours)),
  );
  assert.deepEqual(
    waits.map(({ attempts }) => attempts),
    [1, 2, 3, 4, 5, 6, 7],
  );
});

test("a pass that met quotas only is no attempt, and goes on soon", () => {
  assert.deepEqual(nextAttempt(aPass({ attempts: 2, throttled: 10, deferred: 3 }), settings), {
    attempts: 2,
    notBefore: hoursAhead(30 / 3_600),
  });
});

test("a pass whose messages gave up their room is no attempt, and goes on sooner", () => {
  assert.deepEqual(nextAttempt(aPass({ attempts: 2, crowded: 10, deferred: 3 }), settings), {
    attempts: 2,
    notBefore: hoursAhead(5 / 3_600),
  });
  assert.deepEqual(nextAttempt(aPass({ crowded: 10, throttled: 1 }), settings).notBefore, hoursAhead(30 / 3_600));
});

test("a pass that the database left before its messages were read is no attempt, and goes on now that it is back", () => {
  assert.deepEqual(nextAttempt(aPass({ attempts: 2, unread: 1 }), settings), {
    attempts: 2,
    notBefore: hoursAhead(1 / 3_600),
  });
  assert.deepEqual(nextAttempt(aPass({ unread: 1, throttled: 1 }), settings).notBefore, hoursAhead(30 / 3_600));
  assert.deepEqual(nextAttempt(aPass({ unread: 1, deferred: 1 }), settings).attempts, 1);
});

test("a part that was halted may go on at once", () => {
  assert.deepEqual(nextAttempt(aPass({ attempts: 2, deferred: 10, isHalted: true }), settings), {
    attempts: 2,
    notBefore: now,
  });
});
