import assert from "node:assert/strict";
import { test } from "node:test";

import { allowanceOf, dayOfWarmUp, type WarmUp, warms } from "./warm-up.ts";

const ramp: WarmUp = {
  id: 1,
  publicIds: "2,4-5",
  mask: "*.google.com",
  startDate: "2026-02-27",
  firstDayMessages: 50,
  growthFactor: 1.5,
  table: [],
  days: 4,
};

test("days are counted from the first, over the end of a month, until the last", () => {
  assert.deepEqual(
    ["2026-02-26", "2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03"].map((day) =>
      dayOfWarmUp(ramp, day),
    ),
    [undefined, 1, 2, 3, 4, undefined],
  );
});

test("each day allows the factor times what the day before did", () =>
  assert.deepEqual(
    [1, 2, 3, 4].map((day) => allowanceOf(ramp, day)),
    [50, 75, 113, 169],
  ));

test("a table stands instead of first day, factor and days", () => {
  const tabled = { ...ramp, table: [10, 100, 1_000] };
  assert.deepEqual(
    [1, 2, 3].map((day) => allowanceOf(tabled, day)),
    [10, 100, 1_000],
  );
  assert.equal(dayOfWarmUp(tabled, "2026-03-01"), 3);
  assert.equal(dayOfWarmUp(tabled, "2026-03-02"), undefined);
});

test("a ramp is for its public ids and its mail exchangers", () => {
  const path = (host: string, publicId: number): { host: string; address: string; publicId: number } => ({
    host,
    address: "192.0.2.1",
    publicId,
  });
  assert.equal(warms(ramp, path("mx.google.com", 4)), true);
  assert.equal(warms(ramp, path("mx.google.com", 3)), false);
  assert.equal(warms(ramp, path("mx.yahoo.com", 4)), false);
});
