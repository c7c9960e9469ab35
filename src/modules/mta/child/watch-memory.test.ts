import assert from "node:assert/strict";
import { test } from "node:test";

import { silentLog } from "#foundation/log.ts";

import { watchMemory } from "./watch-memory.ts";

const megabyte = 1_048_576;

test("a child that held too much once stays marked, and is looked at once a second", () => {
  let nowMs = 0;
  let residentMb = 90;
  let looks = 0;
  const memory = watchMemory({
    limitMb: 100,
    log: silentLog,
    elapsedMs: () => nowMs,
    residentBytes: () => {
      looks += 1;
      return residentMb * megabyte;
    },
  });
  assert.equal(memory.isOver, false);
  residentMb = 101;
  assert.deepEqual([memory.isOver, looks], [false, 1]);
  nowMs = 1_000;
  assert.deepEqual([memory.isOver, looks], [true, 2]);
  residentMb = 50;
  nowMs = 5_000;
  assert.deepEqual([memory.isOver, looks], [true, 2]);
});
