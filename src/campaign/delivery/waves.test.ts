import assert from "node:assert/strict";
import { test } from "node:test";

import { countOfShare, parseShare } from "./share.ts";
import { lengthOfWaves, parseWaves, planWaves } from "./waves.ts";

const sizes = (given: unknown, toDeliver: number): number[] =>
  planWaves(parseWaves(given), toDeliver).map(({ size }) => size);

test("waves of one size leave the rest to the last one", () => {
  assert.deepEqual(sizes({ size: "30%", periodSec: 60 }, 100), [30, 30, 30, 10]);
  assert.deepEqual(sizes({ size: 400, periodSec: 60 }, 1_000), [400, 400, 200]);
  assert.deepEqual(sizes({ size: "0.5%", periodSec: 60 }, 10), Array<number>(10).fill(1));
  assert.deepEqual(sizes(undefined, 10), [10]);
  assert.deepEqual(sizes({ size: "30%", periodSec: 60 }, 0), []);
  assert.deepEqual(
    planWaves(parseWaves({ size: "50%", periodSec: 60 }), 4).map(({ delaySec }) => delaySec),
    [0, 60],
  );
});

test("a calendar counts each wave from the one before, and its last one takes what is left", () => {
  const calendar = { waves: [{ size: "25%" }, { afterSec: 21_600, size: 10 }, { afterSec: 21_600 }] };
  assert.deepEqual(planWaves(parseWaves(calendar), 100), [
    { size: 25, delaySec: 0 },
    { size: 10, delaySec: 21_600 },
    { size: 65, delaySec: 43_200 },
  ]);
  assert.deepEqual(sizes(calendar, 5), [1, 4]);
  assert.equal(lengthOfWaves(parseWaves(calendar), 100), 43_200);
  assert.equal(lengthOfWaves(parseWaves({ size: "30%", periodSec: 3_600 }), 100), 4 * 3_600);
  assert.equal(lengthOfWaves(undefined, 100), 0);
});

test("waves that make no sense are refused with the reason", () => {
  for (const [given, reason] of [
    ["30%", /no object/],
    [{ size: "30%" }, /periodSec/],
    [{ periodSec: 60 }, /size is missing/],
    [{ size: "0%", periodSec: 60 }, /above 0/],
    [{ size: "101%", periodSec: 60 }, /above 0/],
    [{ size: "30%", periodSec: 0 }, /periodSec/],
    [{ size: "30%", periodSec: 60, waves: [] }, /either/],
    [{ waves: [] }, /1 to 1000/],
    [{ waves: [{}, {}] }, /wave 1 has no size/],
    [{ waves: [{ size: 5 }, { afterSec: -1 }] }, /afterSec/],
    [{ often: true }, /nothing named often/],
  ] as const)
    assert.throws(() => parseWaves(given), reason);
  assert.throws(() => sizes({ size: 1, periodSec: 1 }, 5_000), /larger/);
});

test("a share is a number or a part of all, at least one and at most all", () => {
  assert.equal(parseShare("", "x"), undefined);
  const count = (text: string, total: number): number => {
    const share = parseShare(text, "x");
    return share === undefined ? 0 : countOfShare(share, total);
  };
  assert.deepEqual([count("10", 4), count("10 %", 4), count("50%", 5), count("100%", 7)], [4, 1, 3, 7]);
  assert.throws(() => parseShare("many", "The limit"), /The limit must be a number/);
});
