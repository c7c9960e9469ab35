import assert from "node:assert/strict";
import { test } from "node:test";

import { restartDelayMs } from "./restart-delay.ts";

test("a process is back at once after its first death, then waits 1, 2, 4 ... 60 s", () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 8, 9, 100].map(restartDelayMs);
  assert.deepEqual(
    delays,
    [0, 1, 2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000),
  );
});

test("a process that dies at once is started at most 12 times in 5 minutes", () => {
  let starts = 1;
  for (let elapsedMs = 0; ; starts += 1) {
    elapsedMs += restartDelayMs(starts);
    if (elapsedMs > 300_000) break;
  }
  assert.ok(starts <= 12, `${starts} starts`);
});
