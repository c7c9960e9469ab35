import assert from "node:assert/strict";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { aJobHost } from "#test/support/job-process.ts";
import { aList, aLongList, linesOf } from "#test/support/lists.ts";
import { aFolder } from "#test/support/temporary-folder.ts";

test("an export writes its file, says how many, and ends with 0", async (t) => {
  const host = await aJobHost(t);
  await host.run(
    "import",
    `-file:${aList(t, "email,first name\nann@example.com,Ann\nbob@example.com,Bob\n")}`,
    "-group:readers",
  );
  const out = join(aFolder(t), "out.csv");
  const { code, output, errors } = await host.run("export", `-out:${out}`, "-group:readers", "-separator:semicolon");
  assert.equal(code, 0, errors);
  assert.match(output, /^2 recipients of main -> .*out\.csv, job \d+, /);
  assert.match(linesOf(out)[1] ?? "", /^ann@example\.com;;Ann;/);
});

test("standard output gets the data and nothing else, all of it, without a byte order mark", async (t) => {
  const host = await aJobHost(t);
  await host.run("import", `-file:${aLongList(t, 20_000)}`);
  const { code, output, errors } = await host.run("export", "-out:-");
  assert.equal(code, 0, errors);
  assert.ok(output.startsWith("email,salutation,"));
  assert.equal(output.split("\r\n").length, 20_002);
  assert.match(errors, /^20,000 recipients of main -> standard output/);
});

test("an export whose reader goes away ends with 2 and a sentence", async (t) => {
  const host = await aJobHost(t);
  await host.run("import", `-file:${aLongList(t, 20_000)}`);
  const { child, ended } = host.start("export", "-out:-");
  child.stdout?.once("data", () => child.stdout?.destroy());
  const { code, errors } = await ended;
  assert.equal(code, 2, errors);
  assert.match(errors, /^postrider: The program that reads the export has gone away/m);
});

test("an export that cannot be written, or has no such group, is one sentence and 2", async (t) => {
  const host = await aJobHost(t);
  const folder = aFolder(t);
  writeFileSync(join(folder, "victim"), "precious");
  symlinkSync(join(folder, "victim"), join(folder, "link.csv"));
  for (const [words, expected] of [
    [["export"], /needs -out:PATH/],
    [["export", `-out:${join(folder, "none", "x.csv")}`], /cannot be written: its folder does not exist\.\n$/],
    [["export", `-out:${join(folder, "link.csv")}`], /cannot be written: it is a symbolic link\.\n$/],
    [["export", `-out:${join(folder, "x.csv")}`, "-group:none"], /^postrider: There is no group 'none'\.\n$/],
  ] as const) {
    const { code, errors } = await host.run(...words);
    assert.equal(code, 2, words.join(" "));
    assert.match(errors, expected);
  }
  assert.equal(readFileSync(join(folder, "victim"), "utf8"), "precious");
  assert.ok(!existsSync(join(folder, "x.csv")));
});
