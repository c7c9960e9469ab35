import assert from "node:assert/strict";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { HostVisit } from "#foundation/doctor/check.ts";
import { aHome } from "#test/support/context.ts";
import { problemsOf } from "#test/support/doctor-visit.ts";
import type { Ending } from "#test/support/endings.ts";

import { checkFolders, type ReadRoom } from "./folders.ts";

function aVisit(t: Ending): HostVisit {
  const home = aHome(t);
  mkdirSync(join(home.var, "main", "log"), { recursive: true });
  const signal = new AbortController().signal;
  return { home, environment: {}, host: "testhost", instances: ["main"], now: () => new Date(), signal };
}

test("folders that can be written are seen, and nothing is left in them", async (t) => {
  const visit = aVisit(t);
  assert.deepEqual(problemsOf(await checkFolders(visit)), []);
  assert.deepEqual(readdirSync(join(visit.home.var, "main")), ["log"]);
  assert.deepEqual(readdirSync(join(visit.home.var, "main", "log")), []);
});

const gigabyte = 1_073_741_824;
/** A file system with so much left, in bytes and as a share of its files. */
function leaving(freeBytes: number, freeFiles: number): ReadRoom {
  return () =>
    Promise.resolve({
      bsize: 1,
      blocks: 100 * gigabyte,
      bavail: freeBytes,
      files: 1_000_000,
      ffree: freeFiles * 1_000_000,
    });
}

test("a disk that is full, nearly full, or can make no further file is told once for all its folders", async (t) => {
  const visit = aVisit(t);
  const problems = async (room: ReadRoom): Promise<string[]> => problemsOf(await checkFolders(visit, room));
  assert.deepEqual(await problems(leaving(50_000_000, 0.5)), ["error folders.full"]);
  assert.deepEqual(await problems(leaving(50 * gigabyte, 0.001)), ["error folders.noFiles"]);
  assert.deepEqual(await problems(leaving(3 * gigabyte, 0.5)), ["warning folders.nearlyFull"]);
  assert.deepEqual(await problems(leaving(50 * gigabyte, 0.5)), []);
});

test("a folder that cannot be written is told", async (t) => {
  const visit = aVisit(t);
  // Nobody may make a file there, root neither.
  const found = await checkFolders({ ...visit, home: { ...visit.home, runtime: "/proc/self" } });
  assert.deepEqual(problemsOf(found), ["error folders.notWritable"]);
});
