import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { aFolder } from "#test/support/temporary-folder.ts";

import { purgeArchive } from "./purge-archive.ts";

test("days that are older than is kept go as a whole, and nothing else does", async (t) => {
  const folder = aFolder(t);
  for (const day of ["2026-11-01", "2026-11-05", "2026-11-06", "2026-11-21", "notes"]) {
    mkdirSync(join(folder, day, "08h"), { recursive: true });
    writeFileSync(join(folder, day, "08h", "1-2-sent.eml"), "x");
  }
  const now = new Date("2026-11-21T10:00:00Z");
  assert.deepEqual(await purgeArchive({ folder, keptDays: 15 }, now), ["2026-11-01", "2026-11-05"]);
  assert.deepEqual(readdirSync(folder).sort(), ["2026-11-06", "2026-11-21", "notes"]);
  assert.deepEqual(await purgeArchive({ folder: join(folder, "nowhere"), keptDays: 1 }, now), []);
});
