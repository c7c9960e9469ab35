import assert from "node:assert/strict";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { HostVisit } from "#foundation/doctor/check.ts";
import { aHome } from "#test/support/context.ts";
import { problemsOf } from "#test/support/doctor-visit.ts";
import type { Ending } from "#test/support/endings.ts";

import { checkFolders } from "./folders.ts";

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
