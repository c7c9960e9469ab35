import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { aHome } from "#test/support/context.ts";

import { lockDataFolder, pidFile } from "./data-folder-lock.ts";
import { identifyProcess } from "./process-identity.ts";

test("a data folder is taken once, and free again after release", (t) => {
  const home = aHome(t);
  const lock = lockDataFolder(home);
  assert.throws(() => lockDataFolder(home), { code: "CTL-100002", message: new RegExp(`pid ${process.pid}`) });
  lock.release();
  assert.equal(existsSync(pidFile(home)), false);
  lockDataFolder(home).release();
});

test("a pid file whose pid belongs to another process by now is taken over", (t) => {
  const home = aHome(t);
  const parent = identifyProcess(process.ppid);
  writeFileSync(pidFile(home), JSON.stringify({ ...parent, startTicks: "1" }));
  lockDataFolder(home);
  assert.match(readFileSync(pidFile(home), "utf8"), new RegExp(`"pid":${process.pid}`));
});

test("an unreadable pid file is taken over", (t) => {
  for (const text of ["", "12\n", "{", "[]", "\0\0\0"]) {
    const home = aHome(t);
    writeFileSync(pidFile(home), text);
    lockDataFolder(home).release();
  }
});

test("a process of another boot of the machine is not taken for a live one", (t) => {
  const home = aHome(t);
  writeFileSync(pidFile(home), JSON.stringify({ ...identifyProcess(process.ppid), bootId: "another" }));
  lockDataFolder(home).release();
});
