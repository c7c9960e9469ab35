import assert from "node:assert/strict";
import test from "node:test";

import { groupWrites } from "./group-writes.ts";

test("what arrives during a write is written together by the next", async () => {
  const batches: number[][] = [];
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const writer = groupWrites<number, number>({
    maxItems: 100,
    write: async (items) => {
      batches.push([...items]);
      if (batches.length === 1) await held;
      return items.map((item) => item * 10);
    },
  });
  const first = writer.add(1);
  await new Promise((resolve) => setImmediate(resolve));
  const others = [writer.add(2), writer.add(3)];
  release();
  assert.deepEqual(await Promise.all([first, ...others]), [10, 20, 30]);
  assert.deepEqual(batches, [[1], [2, 3]]);
});

test("a batch stays within its count and its weight", async () => {
  const batches: number[][] = [];
  const writer = groupWrites<number, void>({
    maxItems: 3,
    maxWeight: 10,
    weightOf: (item) => item,
    write: (items) => {
      batches.push([...items]);
      return Promise.resolve(items.map(() => undefined));
    },
  });
  await Promise.all([99, 1, 1, 1, 1, 9].map((item) => writer.add(item)));
  assert.deepEqual(batches, [[99], [1, 1, 1], [1, 9]]);
});

test("a failed write fails its own items and no later ones", async () => {
  let isBroken = true;
  const writer = groupWrites<number, number>({
    maxItems: 1,
    write: (items) => {
      if (!isBroken) return Promise.resolve(items);
      isBroken = false;
      return Promise.reject(new Error("disk full"));
    },
  });
  const [first, second] = await Promise.allSettled([writer.add(1), writer.add(2)]);
  assert.equal(first?.status, "rejected");
  assert.deepEqual(second, { status: "fulfilled", value: 2 });
  await writer.idle();
});
