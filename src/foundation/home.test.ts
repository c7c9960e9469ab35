import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { aFolder } from "#test/support/temporary-folder.ts";

import {
  instanceFolder,
  instanceSettingsFile,
  listInstances,
  locateHome,
  parseInstanceName,
  prepareHome,
} from "./home.ts";

test("the home is POSTRIDER_HOME, and its folders are made", (t) => {
  const root = join(aFolder(t), "new");
  const home = locateHome({ POSTRIDER_HOME: root });
  prepareHome(home);
  assert.equal(home.root, root);
  assert.ok(existsSync(home.conf) && existsSync(home.var) && existsSync(home.runtime));
});

test("a long home keeps its sockets in a short folder", () => {
  const home = locateHome({ POSTRIDER_HOME: `/tmp/${"x".repeat(120)}` });
  assert.ok(Buffer.byteLength(home.runtime) < 80);
});

test("a home that cannot be made is refused by its name", (t) => {
  const file = join(aFolder(t), "file");
  writeFileSync(file, "");
  assert.throws(
    () => prepareHome(locateHome({ POSTRIDER_HOME: join(file, "home") })),
    /cannot be written: .*file\/home/,
  );
});

test("instance names cannot lead out of the data folder", (t) => {
  for (const name of ["..", "../x", "a/b", "", "A", "a b", "9a", "x".repeat(41), "a\0"]) {
    assert.throws(() => parseInstanceName(name), /is not an instance name/);
  }
  const home = locateHome({ POSTRIDER_HOME: aFolder(t) });
  prepareHome(home);
  assert.ok(existsSync(instanceFolder(home, "main", "log")));
});

test("instances are the ones that have a settings file", (t) => {
  const home = locateHome({ POSTRIDER_HOME: aFolder(t) });
  prepareHome(home);
  for (const name of ["prod", "main"]) writeFileSync(instanceSettingsFile(home, name), "");
  writeFileSync(join(home.conf, "instance-default.toml"), "");
  writeFileSync(join(home.conf, "server.toml"), "");
  assert.deepEqual(listInstances(home), ["main", "prod"]);
});
