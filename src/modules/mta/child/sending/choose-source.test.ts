import assert from "node:assert/strict";
import { test } from "node:test";

import { type Balance, openShares } from "./choose-source.ts";
import type { Source } from "./source.ts";

const sourceOf = (publicId: number, weight: number): Source => ({
  address: `192.0.2.${publicId}`,
  publicId,
  heloName: "mx.example.test",
  weight,
});
const sources = [sourceOf(1, 5), sourceOf(2, 5), sourceOf(3, 1)];

/** Shares messages out over destinations, each in lots of ten at most; answers the percentage of each address. */
function percentages(options: {
  destinations: number;
  messages: number;
  isUsable?: (source: Source, destination: number) => boolean;
}): number[] {
  const counts = new Map<Source, number>();
  const balance: Balance = new Map();
  for (let destination = 0; destination < options.destinations; destination += 1) {
    const shares = openShares(sources, balance);
    for (let left = options.messages; left > 0; left -= 10) {
      const lot = Math.min(10, left);
      const usable = sources.filter((source) => options.isUsable?.(source, destination) ?? true);
      const chosen = shares.choose(usable, lot);
      counts.set(chosen, (counts.get(chosen) ?? 0) + lot);
    }
  }
  const all = options.destinations * options.messages;
  return sources.map((source) => Math.round((1_000 * (counts.get(source) ?? 0)) / all) / 10);
}

/** Within five percent of what is right. */
function assertNear(actual: readonly number[], right: readonly number[]): void {
  for (const [index, percent] of actual.entries())
    assert.ok(Math.abs(percent - (right[index] ?? 0)) <= (right[index] ?? 0) * 0.05, actual.join("/"));
}

const right = [500 / 11, 500 / 11, 100 / 11];

test("weights 5, 5 and 1 take 45, 45 and 10 percent, of one destination as of many", () => {
  assertNear(percentages({ destinations: 1, messages: 10_000 }), right);
  assertNear(percentages({ destinations: 200, messages: 50 }), right);
});

test("two destinations that take turns do not take one address each", () => {
  const pair = [sourceOf(1, 1), sourceOf(2, 1)];
  const balance: Balance = new Map();
  const destinations = [openShares(pair, balance), openShares(pair, balance)];
  const chosen = destinations.map(() => [] as number[]);
  for (let turn = 0; turn < 100; turn += 1)
    for (const [index, shares] of destinations.entries()) chosen[index]?.push(shares.choose(pair, 10).publicId);
  for (const ids of chosen) assertNear([ids.filter((id) => id === 1).length], [50]);
});

test("destinations of a few messages do not all take the first address", () => {
  assertNear(percentages({ destinations: 2_000, messages: 5 }), right);
});

test("where the first cannot be used, the others share by their weights: 83 and 17 percent", () => {
  const shared = percentages({ destinations: 1, messages: 10_000, isUsable: ({ publicId }) => publicId !== 1 });
  assertNear(shared, [0, 500 / 6, 100 / 6]);
});

test("an address that one destination does not take is not preferred by the others", () => {
  const shared = percentages({
    destinations: 200,
    messages: 5,
    isUsable: ({ publicId }, destination) => publicId !== 1 || destination % 2 === 0,
  });
  assertNear(shared, [500 / 22, (500 / 11 + 500 / 6) / 2, (100 / 11 + 100 / 6) / 2]);
});

test("an address that comes back is not made to catch up", () => {
  const shares = openShares(sources, new Map());
  for (let lot = 0; lot < 100; lot += 1) shares.choose(sources.slice(1), 10);
  const next = Array.from({ length: 11 }, () => shares.choose(sources, 10).publicId);
  assert.ok(next.filter((publicId) => publicId === 1).length <= 6, next.join());
});

test("messages that were given back count for who takes them", () => {
  const shares = openShares(sources, new Map());
  const first = shares.choose(sources, 1_000);
  shares.giveBack(first, 1_000);
  const counts = new Map<number, number>();
  for (let lot = 0; lot < 1_000; lot += 1) {
    const { publicId } = shares.choose(sources, 10);
    counts.set(publicId, (counts.get(publicId) ?? 0) + 1);
  }
  assertNear(
    [1, 2, 3].map((publicId) => (counts.get(publicId) ?? 0) / 10),
    right,
  );
});
