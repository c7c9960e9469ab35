import assert from "node:assert/strict";
import { test } from "node:test";

import { watchNeed } from "./watch-need.ts";

/** Asks once a second, with the part that waits then; answers the seconds at which a further child was wanted. */
function secondsOf(options: {
  readonly seconds: number;
  readonly running?: (second: number) => number;
  readonly part: (second: number) => number | undefined;
  /** Cores that are idle in the second before. */
  readonly idleCores: (second: number) => number | undefined;
}): number[] {
  let nowMs = 0;
  let idleSec: number | undefined = 1_000;
  const need = watchNeed({ elapsedMs: () => nowMs, readIdleSec: () => idleSec });
  const wanted: number[] = [];
  for (let second = 0; second <= options.seconds; second += 1) {
    nowMs = second * 1_000;
    const cores = options.idleCores(second);
    idleSec = cores === undefined ? undefined : (idleSec ?? 0) + cores;
    if (need.isWanted(options.running?.(second) ?? 1, options.part(second))) wanted.push(second);
  }
  return wanted;
}

test("the first child is wanted as soon as a part waits", () => {
  const running = (): number => 0;
  assert.deepEqual(secondsOf({ seconds: 0, running, part: () => 1, idleCores: () => 0 }), [0]);
  assert.deepEqual(secondsOf({ seconds: 5, running, part: () => undefined, idleCores: () => 2 }), []);
});

test("a child that sends all that the processors allow stays alone", () => {
  assert.deepEqual(secondsOf({ seconds: 60, part: (second) => second, idleCores: () => 0.4 }), []);
});

test("a further one is wanted when parts wait and the machine is idle for three seconds, and for five seconds of a processor", () => {
  const part = (second: number): number => second;
  assert.deepEqual(secondsOf({ seconds: 4, part, idleCores: () => 4 }), [3, 4]);
  assert.deepEqual(secondsOf({ seconds: 6, part, idleCores: () => 1 }), [5, 6]);
  assert.deepEqual(secondsOf({ seconds: 11, part, idleCores: () => 0.5 }), [10, 11]);
  assert.deepEqual(secondsOf({ seconds: 6, part, idleCores: (second) => (second === 2 ? 0 : 2) }), [5, 6]);
  assert.deepEqual(secondsOf({ seconds: 4, part, idleCores: () => undefined }), [3, 4], "the system does not say");
});

test("the one that was started has its time before the next", () => {
  const running = (second: number): number => (second <= 3 ? 1 : 2);
  assert.deepEqual(secondsOf({ seconds: 8, running, part: (second) => second, idleCores: () => 2 }), [3, 7, 8]);
});

test("a part that nobody claims for five seconds wants one also on a busy machine", () => {
  assert.deepEqual(secondsOf({ seconds: 6, part: () => 7, idleCores: () => 0 }), [5, 6]);
  assert.deepEqual(secondsOf({ seconds: 9, part: (second) => Math.floor(second / 4), idleCores: () => 0 }), []);
});

test("what was seen before a pause in the work does not count", () => {
  const part = (second: number): number | undefined => (second === 2 ? undefined : 7);
  assert.deepEqual(secondsOf({ seconds: 6, part, idleCores: () => 2 }), [6]);
});

test("questions that follow each other at once are not taken for a busy or an idle machine", () => {
  let nowMs = 0;
  const need = watchNeed({ elapsedMs: () => nowMs, readIdleSec: () => nowMs / 500 });
  const wanted: number[] = [];
  for (nowMs = 0; nowMs <= 3_100; nowMs += 10) if (need.isWanted(1, nowMs)) wanted.push(nowMs);
  assert.ok(wanted.every((at) => at >= 3_000));
  assert.ok(wanted.length > 0);
});
