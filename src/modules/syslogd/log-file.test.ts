/** A log file: batches, rotation, a full disk, and operators who move files. */

import assert from "node:assert/strict";
import { existsSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { aFolder } from "#test/support/temporary-folder.ts";

import { type LogFile, openLogFile } from "./log-file.ts";

type Opened = LogFile & {
  readonly path: string;
  readonly failures: string[];
  readonly recoveries: number[];
  read(suffix?: string): string[];
};

function aLogFile(t: TestContext, maxBytes = 1_000): Opened {
  const path = join(aFolder(t), "log", "web");
  const failures: string[] = [];
  const recoveries: number[] = [];
  const file = openLogFile({
    path,
    maxBytes,
    describeLoss: (lines, reason) => `lost ${lines}: ${reason.slice(0, 6)}`,
    onFailure: (error) => failures.push(String(error)),
    onRecovery: (lines) => recoveries.push(lines),
  });
  t.after(() => file.close());
  const read = (suffix = ""): string[] => {
    const name = `${path}${suffix}.log`;
    return existsSync(name) ? readFileSync(name, "utf8").split("\n").slice(0, -1) : [];
  };
  return { ...file, path, failures, recoveries, read };
}

const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `line ${String(from + index).padStart(4, "0")}`);

test("lines are written in order, in the folder that is made for them", async (t) => {
  const file = aLogFile(t);
  file.append("one");
  file.append("two");
  assert.equal(existsSync(`${file.path}.log`), false);
  await file.flush();
  assert.deepEqual(file.read(), ["one", "two"]);
});

test("a full file replaces its predecessor, and no line is lost at the switch", async (t) => {
  const file = aLogFile(t);
  for (const line of numbered(0, 190)) {
    file.append(line);
    await file.flush();
  }
  // 100 lines of 10 bytes fill a file.
  assert.deepEqual(file.read("_2"), numbered(0, 100));
  assert.deepEqual(file.read(), numbered(100, 190));
  for (const line of numbered(190, 201)) file.append(line);
  await file.flush();
  assert.deepEqual(file.read("_2"), numbered(100, 190));
  assert.deepEqual(file.read(), numbered(190, 201));
});

test("two files never hold more than twice the limit, however large a batch is", async (t) => {
  const file = aLogFile(t);
  for (const line of numbered(0, 5_000)) file.append(line);
  await file.flush();
  assert.deepEqual(file.read().at(-1), "line 4999");
  assert.ok(statSync(`${file.path}.log`).size <= 1_000 && statSync(`${file.path}_2.log`).size <= 1_000);
  assert.deepEqual([...file.read("_2"), ...file.read()], numbered(4_800, 5_000));
});

test("a full disk costs lines, which are counted; the first batch after that tells and works", async (t) => {
  const file = aLogFile(t);
  file.append("before");
  await file.flush();
  rmSync(`${file.path}.log`);
  symlinkSync("/dev/full", `${file.path}.log`);
  for (const line of numbered(0, 3)) {
    file.append(line);
    await file.flush();
  }
  assert.equal(file.failures.length, 1);
  assert.match(file.failures[0] ?? "", /ENOSPC/);
  rmSync(`${file.path}.log`);
  file.append("after");
  await file.flush();
  assert.deepEqual(file.read(), ["lost 3: ENOSPC", "after"]);
  assert.deepEqual(file.recoveries, [3]);
});

test("a file that was emptied, moved away or deleted is written again", async (t) => {
  const file = aLogFile(t);
  const write = async (line: string): Promise<void> => {
    file.append(line);
    await file.flush();
  };
  await write("one");
  truncateSync(`${file.path}.log`);
  await write("two");
  assert.deepEqual(file.read(), ["two"]);
  renameSync(`${file.path}.log`, `${file.path}.old`);
  await write("three");
  assert.deepEqual(file.read(), ["three"]);
  rmSync(`${file.path}.log`);
  await write("four");
  assert.deepEqual(file.read(), ["four"]);
  assert.deepEqual(file.failures, []);
});

test("what cannot wait in memory any more is counted as lost", async (t) => {
  const file = aLogFile(t, 100_000_000);
  const line = "x".repeat(8_191);
  for (let index = 0; index < 1_100; index += 1) file.append(line);
  await file.flush();
  file.append("after");
  await file.flush();
  assert.equal(file.read().filter((written) => written === line).length, 1_024);
  assert.match(file.failures[0] ?? "", /too slow/);
  assert.deepEqual(file.recoveries, [76]);
  assert.ok(file.read().includes("lost 76: the di"));
});
