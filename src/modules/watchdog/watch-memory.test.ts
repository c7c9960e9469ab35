import assert from "node:assert/strict";
import { test } from "node:test";

import { type MemoryLevel, nextMemoryLevel } from "./watch-memory.ts";

test("memory warns once at the first limit, alerts at the second, and is calm again a tenth below the first", () => {
  const limits = { warningBytes: 1_000, alertBytes: 1_200 };
  const levels: MemoryLevel[] = [];
  let level: MemoryLevel = "calm";
  for (const bytes of [500, 950, 1_000, 950, 901, 899, 1_300, 950]) {
    level = nextMemoryLevel(level, bytes, limits);
    levels.push(level);
  }
  assert.deepEqual(levels, ["calm", "calm", "warning", "warning", "warning", "calm", "alert", "warning"]);
});
