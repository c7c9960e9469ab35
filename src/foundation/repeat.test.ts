import assert from "node:assert/strict";
import { test } from "node:test";

import { until } from "#test/support/until.ts";

import { databaseUnreachable } from "./database-errors.ts";
import { createLog, type LogRecord, silentLog } from "./log.ts";
import { awayPause, repeat } from "./repeat.ts";

test("a loop goes on after a round that failed, and says when it is well again", async () => {
  const events: string[] = [];
  const log = createLog(
    { write: (record: LogRecord) => void events.push(record.event), close: () => Promise.resolve() },
    { isVerbose: false, types: new Set() },
  );
  let rounds = 0;
  const loop = repeat({ log, event: "x.round", intervalMs: 1 }, async () => {
    rounds += 1;
    if (rounds === 1) throw databaseUnreachable({ where: "here", reason: "gone" });
    if (rounds === 2) throw new Error("a defect");
  });
  await until(() => rounds > 4, "further rounds");
  await loop.stop();
  assert.deepEqual(events, ["x.round_database_away", "x.round_failed", "x.round_recovered"]);
});

test("stop waits for the round under way and starts no other", async () => {
  let isRunning = false;
  let release = (): void => undefined;
  const loop = repeat({ log: silentLog, event: "x.round", intervalMs: 1 }, async () => {
    isRunning = true;
    await new Promise<void>((resolve) => {
      release = resolve;
    });
    isRunning = false;
  });
  await until(() => isRunning, "the first round");
  const stopped = loop.stop();
  release();
  await stopped;
  assert.equal(isRunning, false);
});

test("a wake-up cuts the pause short", async () => {
  let rounds = 0;
  const loop = repeat({ log: silentLog, event: "x.round", intervalMs: 3_600_000 }, async () => {
    rounds += 1;
  });
  await until(() => rounds === 1, "the first round");
  loop.wake();
  await until(() => rounds === 2, "the round after the wake-up");
  await loop.stop();
});

test("the pause while the database is away doubles from 0.2 s to 30 s", () => {
  for (const [failures, ceiling] of [
    [1, 200],
    [2, 400],
    [5, 3_200],
    [20, 30_000],
  ] as const) {
    const waitMs = awayPause(failures);
    assert.ok(waitMs >= ceiling / 2 && waitMs <= ceiling, `${failures}: ${waitMs}`);
  }
});

test("a wake-up that comes during a round is followed by another round at once", async () => {
  let rounds = 0;
  let release = (): void => undefined;
  const loop = repeat({ log: silentLog, event: "x.round", intervalMs: 3_600_000 }, async () => {
    rounds += 1;
    if (rounds > 1) return;
    await new Promise<void>((resolve) => {
      release = resolve;
    });
  });
  await until(() => rounds === 1, "the first round");
  loop.wake();
  release();
  await until(() => rounds === 2, "the round that the wake-up asked for");
  await loop.stop();
});
