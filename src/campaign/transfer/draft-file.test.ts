import assert from "node:assert/strict";
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";

import { aFolder } from "#test/support/temporary-folder.ts";

import { openDraft } from "./draft-file.ts";

test("the file appears whole, under its name, when it is kept", async (t) => {
  const folder = aFolder(t);
  const file = join(folder, "out.csv");
  const draft = await openDraft(file);
  await draft.write("one\n");
  await draft.write("two\n");
  assert.ok(!existsSync(file));
  await draft.keep();
  await draft.discard();
  assert.equal(readFileSync(file, "utf8"), "one\ntwo\n");
  assert.deepEqual(readdirSync(folder), ["out.csv"]);
  assert.equal(statSync(file).mode & 0o007, 0, "addresses are nobody else's to read");
});

test("a draft that is given up leaves what was there", async (t) => {
  const folder = aFolder(t);
  const file = join(folder, "out.csv");
  writeFileSync(file, "old");
  const draft = await openDraft(file);
  await draft.write("new");
  await draft.discard();
  await draft.discard();
  assert.equal(readFileSync(file, "utf8"), "old");
  assert.deepEqual(readdirSync(folder), ["out.csv"]);
});

test("links are never written through: neither one that stands there nor one that is put there meanwhile", async (t) => {
  const folder = aFolder(t);
  const victim = join(aFolder(t), "victim");
  writeFileSync(victim, "precious");
  const link = join(folder, "link.csv");
  symlinkSync(victim, link);
  await assert.rejects(openDraft(link), { code: "TRF-100012" });

  const swapped = join(folder, "swapped.csv");
  const draft = await openDraft(swapped);
  await draft.write("new");
  symlinkSync(victim, swapped);
  await draft.keep();
  assert.ok(lstatSync(swapped).isFile());
  assert.equal(readFileSync(swapped, "utf8"), "new");

  const hard = join(folder, "hard.csv");
  linkSync(victim, hard);
  const second = await openDraft(hard);
  await second.write("new");
  await second.keep();
  assert.equal(readFileSync(victim, "utf8"), "precious");
});

test("what is no ordinary file, or lies in no folder, is refused with its name", async (t) => {
  const folder = aFolder(t);
  mkdirSync(join(folder, "sub"));
  for (const file of [
    join(folder, "sub"),
    folder,
    "/dev/null",
    join(folder, "missing", "x"),
    join(folder, "x\0y"),
    join(folder, "..", basename(folder)),
    join(folder, "n".repeat(300)),
  ]) {
    await assert.rejects(openDraft(file), { code: "TRF-100012" }, file);
  }
  assert.deepEqual(readdirSync(folder), ["sub"]);
});

test("drafts of dead processes are removed, those of living ones are not", async (t) => {
  const folder = aFolder(t);
  const file = join(folder, "out.csv");
  const living = await openDraft(file);
  t.after(() => living.discard());
  const [name = ""] = readdirSync(folder);
  const dead = name.replace(`-${process.pid}-`, "-4194305-");
  // In a container the process that died may have had our own id.
  const namesake = name.replace(/-[0-9a-f]+\.part$/, "-00000000.part");
  writeFileSync(join(folder, dead), "");
  writeFileSync(join(folder, namesake), "");
  utimesSync(join(folder, namesake), 1, 1);
  const next = await openDraft(file);
  await next.write("x");
  await next.keep();
  assert.deepEqual(readdirSync(folder).sort(), [name, "out.csv"].sort());
});
