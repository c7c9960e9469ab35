import assert from "node:assert/strict";
import { test } from "node:test";

import { aCall } from "#test/support/activity-call.ts";

import { runWait } from "./run.ts";

const created = new Date("2026-03-01T10:00:00Z");
const at = (
  now: string,
  own = {},
  settings: { duration: number; unit: "s" | "m" | "h" | "d" | "y" } = { duration: 2, unit: "h" },
) => runWait(aCall(settings, { now: new Date(now), task: { created, own } }));

const fires = { kind: "done", fired: [{ transition: "next" }] };

test("a wait is put off for what is left of its duration since the task was made", async () => {
  assert.deepEqual(await at("2026-03-01T10:00:00Z"), { kind: "postponed", delayMs: 7_200_000 });
  assert.deepEqual(await at("2026-03-01T11:59:59Z"), { kind: "postponed", delayMs: 1_000 });
});

test("a wait fires when its time has come, also when nobody looked for hours", async () => {
  assert.deepEqual(await at("2026-03-01T12:00:00Z"), fires);
  assert.deepEqual(await at("2026-03-02T09:00:00Z"), fires);
});

test("a wait that an operator executes now fires before its time", async () => {
  assert.deepEqual(await at("2026-03-01T10:01:00Z", { isWoken: true }), fires);
});

test("a wait of years is looked at each month, and is not cut to what a timer can hold", async () => {
  assert.deepEqual(await at("2026-03-01T10:00:00Z", {}, { duration: 3, unit: "y" }), {
    kind: "postponed",
    delayMs: 30 * 86_400_000,
  });
});
