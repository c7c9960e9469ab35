import assert from "node:assert/strict";
import { test } from "node:test";

import { fewestContents, openContentWindow, openContentWindows } from "./content-window.ts";

/** A window on a clock that stands. */
function aWindow(): { window: ReturnType<typeof openContentWindow>; pass(ms: number): void } {
  let nowMs = 0;
  return {
    window: openContentWindow(() => nowMs),
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};

test("before anything was answered so many go as keep a server next door busy; the others wait in turn", async () => {
  const { window } = aWindow();
  const entered: number[] = [];
  for (let content = 0; content < fewestContents + 3; content += 1) {
    const place = window.enter();
    if (place === true) entered.push(content);
    else void place.then(() => entered.push(content));
  }
  await settled();
  assert.equal(entered.length, fewestContents);
  window.leave(undefined);
  window.leave(undefined);
  await settled();
  assert.deepEqual(entered.slice(fewestContents), [fewestContents, fewestContents + 1]);
});

test("the time of the quickest answer says how many keep the server busy", () => {
  const { window } = aWindow();
  const sizeAfter = (answeredAfterMs: number | undefined): number => {
    assert.equal(window.enter(), true);
    window.leave(answeredAfterMs);
    return window.size;
  };
  assert.equal(sizeAfter(20), fewestContents + 160);
  assert.equal(sizeAfter(0.5), fewestContents + 4);
  // Answers that waited say nothing, nor does what was not answered.
  assert.equal(sizeAfter(900), fewestContents + 4);
  assert.equal(sizeAfter(undefined), fewestContents + 4);
});

test("all who wait go at once when the first answer shows that the server is far away", async () => {
  const { window } = aWindow();
  let entered = 0;
  for (let content = 0; content < 200; content += 1) {
    const place = window.enter();
    if (place === true) entered += 1;
    else
      void place.then(() => {
        entered += 1;
      });
  }
  window.leave(100);
  await settled();
  assert.equal(entered, 200);
});

test("a server that has become slower is found to be so within two minutes", () => {
  const { window, pass } = aWindow();
  const answer = (answeredAfterMs: number): void => {
    void window.enter();
    window.leave(answeredAfterMs);
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

test("every server has a window of its own, also after thousands of others", () => {
  const windows = openContentWindows(() => 0);
  const first = windows.of("192.0.2.1 25");
  assert.equal(windows.of("192.0.2.1 25"), first);
  assert.notEqual(windows.of("192.0.2.1 26"), first);
  for (let server = 0; server < 3_000; server += 1) windows.of(`server ${server}`);
  assert.notEqual(windows.of("192.0.2.1 25"), first);
  assert.equal(windows.of("server 2999"), windows.of("server 2999"));
});
