import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";

import { until } from "#test/support/until.ts";

import { describePlace, isSurelyGone } from "./process-place.ts";

test("a process is surely gone once it was killed, not before", async () => {
  const child = spawn("sleep", ["60"]);
  await once(child, "spawn");
  const place = describePlace(child.pid);
  assert.equal(isSurelyGone(place), false);
  child.kill("SIGKILL");
  await until(() => isSurelyGone(place), "it to be gone");
});

test("another process with the same pid is not taken for it", () => {
  const own = describePlace();
  assert.equal(isSurelyGone(own), false);
  assert.equal(isSurelyGone(`${own}1`), true);
});

test("of a process of another machine, boot or container nothing is sure", () => {
  const own = describePlace();
  for (const place of [
    "",
    "unknown",
    own.replace(/^\S+/, "another-boot"),
    own.replace(/pid:\[\d+\]/, "pid:[1]"),
    `x${own}`,
  ])
    assert.equal(isSurelyGone(place.replace(/\d+$/, "1")), false, place);
});
