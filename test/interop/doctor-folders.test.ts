/** Doctor on a disk that is full and on one that takes no change: file systems of their own, as unshare and mount make them. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { programFolder } from "#foundation/home.ts";
import { aHome } from "#test/support/context.ts";

test("a full disk, one that can make no further file, and a folder that cannot be written are told", (t) => {
  const home = aHome(t);
  mkdirSync(join(home.var, "main", "log"), { recursive: true });
  const full = join(home.var, "main", "log");
  writeFileSync(join(home.conf, "instance-main.toml"), "");
  const readOnly = join(home.var, "default");
  mkdirSync(readOnly);
  const crowded = join(home.var, "main", "hits");
  mkdirSync(crowded);
  // In a mount namespace of its own: nothing of it is seen outside, and it ends with the process.
  const script = [
    `mount -t tmpfs -o size=1m none ${full}`,
    `dd if=/dev/zero of=${full}/filler bs=64k 2>/dev/null`,
    `mount -t tmpfs -o ro none ${readOnly}`,
    `mount -t tmpfs -o size=200g,nr_inodes=3 none ${crowded}`,
    `touch ${crowded}/a ${crowded}/b`,
    `exec ${join(programFolder, "bin/postrider")} doctor -json`,
  ].join("; ");
  const asRoot = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const program = "unshare";
  const found = spawnSync(program, [...asRoot, "--mount", "sh", "-c", script], {
    env: { ...process.env, POSTRIDER_HOME: home.root },
    encoding: "utf8",
  });
  assert.match(found.stdout, /^\{/, found.stderr);
  const { findings } = JSON.parse(found.stdout) as { findings: { problem: string; values: { folder: string } }[] };
  const ofFolders = findings.filter(({ problem }) => problem.startsWith("folders."));
  assert.deepEqual(ofFolders.map(({ problem, values }) => `${problem} ${values.folder}`).toSorted(), [
    `folders.full ${full}`,
    `folders.noFiles ${crowded}`,
    `folders.notWritable ${readOnly}`,
    `folders.notWritable ${crowded}`,
    `folders.notWritable ${full}`,
  ]);
});
