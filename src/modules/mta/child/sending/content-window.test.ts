import assert from "node:assert/strict";
import { test } from "node:test";

import {
  type ContentWindow,
  fewestContents,
  openContentWindow,
  openContentWindows,
  type Place,
} from "./content-window.ts";

/** A window on a clock that stands. */
function aWindow(): { window: ContentWindow; pass(ms: number): void } {
  let nowMs = 0;
  return {
    window: openContentWindow(() => nowMs),
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

function placeIn(window: ContentWindow): Place {
  const place = window.enter();
  assert.ok(!(place instanceof Promise), "there is a place");
  return place;
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};

test("before anything was answered so many go as keep a server next door busy; the others wait in turn", async () => {
  const { window } = aWindow();
  const places: Place[] = [];
  const entered: number[] = [];
  for (let content = 0; content < fewestContents + 3; content += 1) {
    const place = window.enter();
    if (!(place instanceof Promise)) places.push(place);
    else void place.then(() => entered.push(content));
  }
  await settled();
  assert.deepEqual([places.length, entered], [fewestContents, []]);
  for (const place of places.slice(0, 2)) window.leave(place, false);
  await settled();
  assert.deepEqual(entered, [fewestContents, fewestContents + 1]);
});

test("the time of the quickest answer says how many keep the server busy", () => {
  const { window, pass } = aWindow();
  const sizeAfter = (answeredAfterMs: number, isAccepted = true): number => {
    const place = placeIn(window);
    pass(answeredAfterMs);
    window.leave(place, isAccepted);
    return window.size;
  };
  assert.equal(sizeAfter(20), fewestContents + 160);
  assert.equal(sizeAfter(0.5), fewestContents + 4);
  // Answers that waited say nothing, nor does what was not answered.
  assert.equal(sizeAfter(900), fewestContents + 4);
  assert.equal(sizeAfter(0.1, false), fewestContents + 4);
});

test("all who wait go at once when the first answer shows that the server is far away", async () => {
  const { window, pass } = aWindow();
  let entered = 0;
  let last: Place | undefined;
  for (let content = 0; content < 200; content += 1) {
    const place = window.enter();
    if (place instanceof Promise)
      void place.then(() => {
        entered += 1;
      });
    else {
      entered += 1;
      last = place;
    }
  }
  assert.ok(last !== undefined && entered === fewestContents);
  pass(100);
  window.leave(last, true);
  await settled();
  assert.equal(entered, 200);
});

test("a server that has become slower is found to be so within two minutes", () => {
  const { window, pass } = aWindow();
  const answer = (answeredAfterMs: number): void => {
    const place = placeIn(window);
    pass(answeredAfterMs);
    window.leave(place, true);
  };
  answer(1);
  assert.equal(window.size, fewestContents + 8);
  pass(61_000);
  answer(50);
  assert.equal(window.size, fewestContents + 8, "the quick one may come back");
  pass(61_000);
  answer(50);
  assert.equal(window.size, fewestContents + 400);
});

test("contents that hang are not waited for by the others, and come back without harm", async () => {
  const { window, pass } = aWindow();
  const hanging = Array.from({ length: fewestContents }, () => placeIn(window));
  const next = window.enter();
  assert.ok(next instanceof Promise);
  pass(1_001);
  const place = await next;
  // Theirs are free: another comes in at once, and none too many when they are given back.
  const others = Array.from({ length: fewestContents - 1 }, () => placeIn(window));
  for (const late of hanging) window.leave(late, false);
  const waiting = window.enter();
  assert.ok(waiting instanceof Promise);
  window.leave(place, false);
  await waiting;
  for (const other of others) window.leave(other, false);
});

test("every server has a window of its own, also after thousands of others", () => {
  const windows = openContentWindows(() => 0);
  const first = windows.of("192.0.2.1 25");
  assert.equal(windows.of("192.0.2.1 25"), first);
  assert.notEqual(windows.of("192.0.2.1 26"), first);
  for (let server = 0; server < 3_000; server += 1) windows.of(`server ${server}`);
  assert.notEqual(windows.of("192.0.2.1 25"), first);
  assert.equal(windows.of("server 2999"), windows.of("server 2999"));
});
