import assert from "node:assert/strict";
import { test } from "node:test";

import { aCall } from "#test/support/activity-call.ts";

import { runFork } from "./run.ts";

test("a fork fires every transition of the diagram, in its order", async () => {
  const transitions = ["b", "a"].map((name) => ({ name, target: undefined }));
  assert.deepEqual(await runFork(aCall({}, { transitions })), {
    kind: "done",
    fired: [{ transition: "b" }, { transition: "a" }],
  });
});
