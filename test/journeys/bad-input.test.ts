import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { openDatabase } from "#foundation/database.ts";
import { migrate } from "#datamodel/migrate.ts";
import { anEmptyDatabaseAddress } from "#test/support/database.ts";
import { inReverse } from "#test/support/endings.ts";
import { freePorts } from "#test/support/free-ports.ts";
import { aPlatform, runVerb } from "#test/support/platform.ts";
import { processesOf } from "#test/support/processes.ts";
import { aFolder } from "#test/support/temporary-folder.ts";

import { addUnknownMigration, countRecipients } from "./bad-input-store.ts";

const oneSentence = (output: string): void => {
  assert.ok(!/\n\s+at /.test(output), `no stack: ${output}`);
  assert.match(output, /^postrider: /m);
};

test("a platform whose settings are wrong starts nothing, and says every fault in one message", async (t) => {
  const root = aFolder(t);
  mkdirSync(join(root, "conf"));
  writeFileSync(join(root, "conf", "server.toml"), '[web]\nport = "eighty"\n\n[mta]\nrout = "mx"\n');
  const { code, output } = await runVerb(["watchdog", "-noconsole"], { ...process.env, POSTRIDER_HOME: root });
  assert.equal(code, 2);
  oneSentence(output);
  assert.match(output, /2 settings are wrong; nothing was started/);
  assert.match(output, /server\.toml:2: web\.port: "eighty" is not accepted; it takes a port from 0 to 65535/);
  assert.match(output, /server\.toml:5: mta\.rout: there is no such setting; did you mean mta\.route\?/);
  assert.deepEqual(processesOf(root), []);
});

test("a settings file that is no TOML, or that may not be read, is named", async (t) => {
  const root = aFolder(t);
  mkdirSync(join(root, "conf"));
  const file = join(root, "conf", "server.toml");
  writeFileSync(file, "\0\0binary");
  const broken = await runVerb(["watchdog", "-noconsole"], { ...process.env, POSTRIDER_HOME: root });
  assert.equal(broken.code, 2);
  oneSentence(broken.output);
  assert.match(broken.output, /server\.toml/);
  if (process.getuid?.() === 0) return;
  chmodSync(file, 0);
  const unreadable = await runVerb(["watchdog", "-noconsole"], { ...process.env, POSTRIDER_HOME: root });
  assert.equal(unreadable.code, 2);
  assert.match(unreadable.output, /cannot be read/);
});

for (const [what, url, expected] of [
  ["is no address", "not a url", /is not a database address/],
  ["leads nowhere", "postgres://postrider@127.0.0.1:1/x", /cannot be reached/],
] as const) {
  test(`a database URL that ${what} is refused when a command needs it`, async (t) => {
    const root = aFolder(t);
    mkdirSync(join(root, "conf"));
    writeFileSync(join(root, "conf", "instance-main.toml"), "");
    const { code, output } = await runVerb(["config", "-updatedb", "-instance:main"], {
      ...process.env,
      POSTRIDER_HOME: root,
      POSTRIDER_DATABASE_URL: url,
    });
    assert.notEqual(code, 0);
    oneSentence(output);
    assert.match(output, expected);
  });
}

test("a database of a newer version is left untouched by every way to start", async (hooks) => {
  const t = inReverse(hooks);
  const root = aFolder(t);
  const address = await anEmptyDatabaseAddress(t);
  await migrate(address);
  const db = openDatabase({ address, applicationName: "test", maxConnections: 1 });
  t.after(() => db.close());
  await addUnknownMigration(db, "9999-from-the-future");
  const environment = {
    ...process.env,
    ...(await freePorts()),
    POSTRIDER_HOME: root,
    POSTRIDER_DATABASE_URL: address.url,
  };
  for (const words of [
    ["watchdog", "-noconsole"],
    ["config", "-updatedb", "-instance:main"],
    ["mta", "-instance:main"],
  ]) {
    const { code, output } = await runVerb(words, environment);
    assert.notEqual(code, 0, words.join(" "));
    oneSentence(output);
    assert.match(output, /newer Postrider .*9999-from-the-future/, words.join(" "));
  }
  assert.deepEqual(processesOf(root), []);
});

test("a data folder that cannot be written is named", async (t) => {
  const file = join(aFolder(t), "a-file");
  writeFileSync(file, "");
  const { code, output } = await runVerb(["watchdog", "-noconsole"], {
    ...process.env,
    POSTRIDER_HOME: join(file, "home"),
  });
  assert.equal(code, 2);
  oneSentence(output);
  assert.match(output, /The data folder cannot be written: .*a-file\/home/);
});

test("lists that are no lists are refused with one sentence, and nothing of them is imported", {
  timeout: 180_000,
}, async (hooks) => {
  const t = inReverse(hooks);
  const platform = await aPlatform(t);
  const folder = aFolder(t);
  const longLine = Buffer.alloc(100 * 1024 * 1024, "x");
  const lists: readonly (readonly [name: string, content: string | Buffer, expected: RegExp])[] = [
    ["empty.csv", "", /empty/i],
    ["binary.csv", Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3, 0, 0, 255, 254]), /binary|text/i],
    ["utf16.csv", Buffer.from("\ufeffemail,name\na@shop.example,A\n", "utf16le"), /UTF-16/],
    ["no-email.csv", "name,city\nA,B\n", /e-mail/i],
    ["header-only.csv", "email,name\n", /nothing below/i],
  ];
  for (const [name, content, expected] of lists) {
    writeFileSync(join(folder, name), content);
    const { code, output } = await platform.run(
      "import",
      "-instance:main",
      `-file:${join(folder, name)}`,
      "-noconsole",
    );
    assert.equal(code, 2, `${name}: ${output}`);
    assert.match(output, expected, name);
    assert.ok(!/\n\s+at /.test(output), `${name}: no stack: ${output}`);
  }
  for (const path of [join(folder, "missing.csv"), folder]) {
    const { code } = await platform.run("import", "-instance:main", `-file:${path}`, "-noconsole");
    assert.equal(code, 2, path);
  }
  writeFileSync(
    join(folder, "long.csv"),
    Buffer.concat([Buffer.from("email,name\n"), longLine, Buffer.from("\nb@shop.example,B\n")]),
  );
  const long = await platform.run("import", "-instance:main", `-file:${join(folder, "long.csv")}`, "-noconsole");
  assert.notEqual(long.code, 0, long.output);
  assert.ok(!/\n\s+at /.test(long.output));

  assert.ok(((await countRecipients(platform.db)) ?? 0) <= 1, "at most the good line behind the long one");
});
