import assert from "node:assert/strict";
import { test } from "node:test";

import { chooseWhoGivesWay, openClearingPace } from "./clear-room.ts";

test("who would take longest to send what he holds gives way first, and keeps work for half a minute", () => {
  const slowest = { waiting: 500, perSecond: 1 };
  const slow = { waiting: 900, perSecond: 10 };
  const dead = { waiting: 40, perSecond: 0 };
  const quick = { waiting: 400, perSecond: 800 };
  const unknown = { waiting: 700, perSecond: Number.POSITIVE_INFINITY };
  const queues = [quick, unknown, slow, slowest, dead];
  assert.deepEqual(
    [...chooseWhoGivesWay(queues, 700)],
    [
      [dead, 30],
      [slowest, 470],
      [slow, 200],
    ],
  );
  assert.deepEqual([...chooseWhoGivesWay(queues, 20)], [[dead, 20]]);
  assert.deepEqual([...chooseWhoGivesWay([quick, unknown], 1_000)], [], "nobody who is quick gives way");
  assert.deepEqual([...chooseWhoGivesWay([], 1_000)], []);
});

test("room is cleared again at once while others profit, and ever less often while all that comes is for the slow", () => {
  let nowMs = 0;
  const pace = openClearingPace(() => nowMs);
  assert.equal(pace.isDue, true);
  const waits: number[] = [];
  const clear = (gained: number): void => {
    pace.noteGained(gained);
    pace.noteCleared(1_000);
    const fromMs = nowMs;
    while (!pace.isDue) nowMs += 50;
    waits.push(nowMs - fromMs);
  };
  for (const gained of [0, 100, 99, 0, 5, 400, 0]) clear(gained);
  assert.deepEqual(waits, [100, 100, 200, 400, 800, 100, 200]);
  for (let rounds = 0; rounds < 20; rounds += 1) clear(0);
  assert.equal(waits.at(-1), 30_000);
});
