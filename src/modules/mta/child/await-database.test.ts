import assert from "node:assert/strict";
import { test } from "node:test";

import { within } from "#test/support/within.ts";

import { openDatabaseWait } from "./await-database.ts";

/** After so many a pause takes a quarter of a minute at least. */
const failures = 20;

test("whoever waits for the database goes on when it is back, or when there is no time left", async () => {
  const wait = openDatabaseWait();
  const ending = new AbortController();
  const waiting = [wait.pause(failures, ending.signal), wait.pause(failures + 1, ending.signal)];
  assert.equal(await within(50, Promise.race(waiting)), false);
  wait.end();
  await Promise.all(waiting);
  const next = wait.pause(failures, ending.signal);
  assert.equal(await within(50, next), false, "what fails afterwards waits anew");
  ending.abort();
  await next;
});
