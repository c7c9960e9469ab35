import assert from "node:assert/strict";
import { test } from "node:test";

import { aCall } from "#test/support/activity-call.ts";

import { runEnd } from "./run.ts";

test("an end fires nothing, and cancels the tasks of other branches only when it is told to", async () => {
  assert.deepEqual(await runEnd(aCall({ interruptsOthers: false })), {
    kind: "done",
    fired: [],
    cancelsOtherTasks: false,
  });
  assert.deepEqual(await runEnd(aCall({ interruptsOthers: true })), {
    kind: "done",
    fired: [],
    cancelsOtherTasks: true,
  });
});
