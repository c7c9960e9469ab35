/** The log that hits are written to before they are answered. */

import assert from "node:assert/strict";
import { appendFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { type Hit, parseHit } from "#channels/hits/hit-line.ts";
import { systemClock } from "#foundation/clock.ts";
import { aFolder } from "#test/support/temporary-folder.ts";

import { type HitLog, openHitLog } from "./hit-log.ts";

const aHit = (broadLogId: number): Hit => ({
  time: new Date(),
  broadLogId,
  deliveryId: 7,
  urlId: 1,
  urlType: 2,
  contentType: "h",
  visitorId: "",
  userAgent: "",
  sourceAddress: "",
});

type TestLog = Omit<HitLog, "append"> & { folder: string; append(hit: Hit): Promise<void> };

function aHitLog(
  t: TestContext,
  given: { folder?: string; maxFileBytes?: number; sync?: "eachSecond" | "eachHit" } = {},
): TestLog {
  const folder = given.folder ?? join(aFolder(t), "log");
  const log = openHitLog({
    folder,
    maxFileBytes: given.maxFileBytes ?? 1_000_000,
    sync: given.sync ?? "eachSecond",
    clock: systemClock,
  });
  t.after(() => log.close());
  const append = (hit: Hit): Promise<void> =>
    new Promise((resolve, reject) => log.append(hit, (error) => (error === undefined ? resolve() : reject(error))));
  return { ...log, folder, append };
}

function readHits(folder: string): number[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), "latin1").split("\n"))
    .flatMap((line) => parseHit(line)?.broadLogId ?? []);
}

test("a hit is in the file when its promise resolves, alone or among many", async (t) => {
  for (const sync of ["eachSecond", "eachHit"] as const) {
    const log = aHitLog(t, { sync });
    await log.append(aHit(1));
    assert.deepEqual(readHits(log.folder), [1]);
    await Promise.all(
      Array.from({ length: 5_000 }, async (_, index) => {
        await log.append(aHit(index + 2));
      }),
    );
    assert.deepEqual(
      readHits(log.folder),
      Array.from({ length: 5_001 }, (_, index) => index + 1),
    );
    assert.equal(readdirSync(log.folder).length, 1);
  }
});

test("a full file is followed by another, and names are never used again", async (t) => {
  const log = aHitLog(t, { maxFileBytes: 300 });
  for (let id = 1; id <= 30; id += 1) await log.append(aHit(id));
  const names = readdirSync(log.folder);
  assert.ok(names.length >= 4);
  assert.equal(readHits(log.folder).length, 30);
  await log.close();
  for (const name of names) rmSync(join(log.folder, name));
  const next = aHitLog(t, { folder: log.folder });
  await next.append(aHit(1));
  assert.ok(!names.includes(next.currentFile() ?? ""));
});

test("a file that someone shortened, wrote to or removed is left alone", async (t) => {
  const log = aHitLog(t);
  const current = (): string => join(log.folder, log.currentFile() ?? "");
  await log.append(aHit(1));
  truncateSync(current(), 10);
  await log.append(aHit(2));
  appendFileSync(current(), "garbage");
  await log.append(aHit(3));
  rmSync(current());
  await log.append(aHit(4));
  assert.deepEqual(
    readHits(log.folder).sort((a, b) => a - b),
    [2, 4],
  );
  assert.equal(readdirSync(log.folder).length, 3);
});

test("a hit that cannot be written is refused, and the first one afterwards works", async (t) => {
  const folder = join(aFolder(t), "log");
  writeFileSync(folder, "a file where the folder should be");
  const log = aHitLog(t, { folder });
  await assert.rejects(log.append(aHit(1)));
  rmSync(folder);
  await log.append(aHit(2));
  assert.deepEqual(readHits(folder), [2]);
});
