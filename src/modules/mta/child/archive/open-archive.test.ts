import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { Log } from "#foundation/log.ts";
import { silentLog } from "#foundation/log.ts";
import { aFolder } from "#test/support/temporary-folder.ts";

import { openArchive } from "./open-archive.ts";

const now = (): Date => new Date("2026-11-21T14:59:00Z");
const elapsedMs = (): number => 0;

test("the source of a message lies in the folder of its hour, and is renamed when it was sent", async (t) => {
  const folder = aFolder(t);
  const archive = openArchive({ folder, log: silentLog, now, elapsedMs });
  assert.ok(archive !== undefined);
  for (const [broadLogId, outcome] of [
    [1, "sent"],
    [2, "deferred"],
    [3, "in_doubt"],
    [4, "failed"],
  ] as const) {
    const message = { deliveryId: 12, broadLogId };
    await archive.keep(message, Buffer.from(`message ${broadLogId}`));
    assert.ok(existsSync(join(folder, "2026-11-21", "14h", `12-${broadLogId}.eml`)));
    await archive.settle(message, outcome);
  }
  assert.deepEqual(readdirSync(join(folder, "2026-11-21", "14h")).sort(), ["12-1-sent.eml", "12-3.eml"]);
  assert.equal(readFileSync(join(folder, "2026-11-21", "14h", "12-1-sent.eml"), "utf8"), "message 1");
});

test("without a folder there is no archive", () => {
  assert.equal(openArchive({ folder: "", log: silentLog, now, elapsedMs }), undefined);
});

test("a folder that cannot be written is said once and stops nothing; it is used again when it can", async (t) => {
  const folder = join(aFolder(t), "archive");
  writeFileSync(folder, "in the way");
  const said: string[] = [];
  const log: Log = { ...silentLog, error: (event) => void said.push(event) };
  const archive = openArchive({ folder, log, now, elapsedMs });
  assert.ok(archive !== undefined);
  for (const broadLogId of [1, 2]) {
    await archive.keep({ deliveryId: 1, broadLogId }, Buffer.from("x"));
    await archive.settle({ deliveryId: 1, broadLogId }, "sent");
  }
  assert.deepEqual(said, ["mta.archive_failed"]);
  rmSync(folder);
  await archive.keep({ deliveryId: 1, broadLogId: 3 }, Buffer.from("x"));
  await archive.settle({ deliveryId: 1, broadLogId: 3 }, "sent");
  assert.ok(existsSync(join(folder, "2026-11-21", "14h", "1-3-sent.eml")));
});
