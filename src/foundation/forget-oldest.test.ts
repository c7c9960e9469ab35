import assert from "node:assert/strict";
import { test } from "node:test";

import { forgetOldest } from "./forget-oldest.ts";

test("those that came first are forgotten, as many as are too many", () => {
  const entries = new Map([
    ["first", 1],
    ["second", 2],
    ["third", 3],
  ]);
  forgetOldest(entries, 3);
  assert.equal(entries.size, 3);
  entries.delete("first");
  entries.set("first", 1);
  forgetOldest(entries, 1);
  assert.deepEqual([...entries.keys()], ["first"]);
  forgetOldest(entries, 0);
  assert.equal(entries.size, 0);
  const names = new Set(["a", "b"]);
  forgetOldest(names, 1);
  assert.deepEqual([...names], ["b"]);
});
