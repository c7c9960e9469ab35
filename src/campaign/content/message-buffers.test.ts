import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { test } from "node:test";

import { openMessageBuffers } from "./message-buffers.ts";

test("memory that came back is given to the next message of about the same length, once", () => {
  const buffers = openMessageBuffers(100_000);
  const first = buffers.take(30_000);
  assert.ok(first.length >= 30_000);
  assert.notEqual(buffers.take(30_000), first);
  buffers.giveBack(first);
  assert.equal(buffers.take(29_000), first);
  assert.notEqual(buffers.take(29_000), first);
});

test("what was abandoned is never given out again", () => {
  const buffers = openMessageBuffers(100_000);
  const first = buffers.take(10);
  buffers.abandon(first);
  assert.equal(buffers.takenBytes, 0);
  assert.notEqual(buffers.take(10), first);
});

test("no more is kept than allowed, and the sizes that are asked for now push out those of before", () => {
  const buffers = openMessageBuffers(20_000);
  const [small, other, large] = [buffers.take(8_000), buffers.take(8_000), buffers.take(16_000)];
  const larger = buffers.take(24_000);
  for (const memory of [larger, small, other, large]) buffers.giveBack(memory);
  assert.equal(buffers.take(16_000), large);
  for (const memory of [small, other]) assert.notEqual(buffers.take(8_000), memory);
  assert.notEqual(buffers.take(24_000), larger);
});

test("who comes when too much is taken waits until enough came back", async () => {
  const buffers = openMessageBuffers(0, 10_000);
  const taken = [buffers.take(8_000), buffers.take(8_000)];
  let free = 0;
  const waits = [1, 2].map(() => buffers.whenFree().then(() => (free += 1)));
  await turn();
  assert.equal(free, 0);
  for (const memory of taken) buffers.abandon(memory);
  await Promise.all(waits);
  assert.equal(free, 2);
  await buffers.whenFree();
});
