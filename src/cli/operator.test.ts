import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { ensureFirstOperators } from "#campaign/access/ensure-first-operators.ts";
import { openDatabase } from "#foundation/database.ts";
import { programFolder } from "#foundation/home.ts";
import { aHome } from "#test/support/context.ts";
import { aDatabaseAddress } from "#test/support/database.ts";

type Outcome = { code: number; text: string; errors: string };

/** A command on an instance of its own. */
async function aCommand(t: Parameters<typeof aHome>[0]): Promise<(...words: readonly string[]) => Promise<Outcome>> {
  const home = aHome(t);
  const address = await aDatabaseAddress(t);
  const db = openDatabase({ address, applicationName: "test", maxConnections: 1 });
  await ensureFirstOperators(db, {});
  await db.close();
  writeFileSync(join(home.conf, "instance-main.toml"), `database.url = "${address.url}"\n`);
  const main = join(programFolder, "src/cli/main.ts");
  return async (...words) => {
    const env = { PATH: process.env["PATH"], POSTRIDER_HOME: home.root };
    try {
      const args = ["--disable-warning=ExperimentalWarning", main, ...words];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env });
      return { code: 0, text: stdout, errors: stderr };
    } catch (error) {
      const failed = error as { code: number; stdout: string; stderr: string };
      return { code: failed.code, text: failed.stdout, errors: failed.stderr };
    }
  };
}

test("operators are made, given rights, restricted, listed and disabled by the command, in both spellings", async (t) => {
  const run = await aCommand(t);
  const made = await run("operator", "-create:ann", "-label:Ann", "-rights:workflow", "-groups:deliveryOperator");
  assert.match(made.text, /^ann is made; the password, shown only now: [a-z2-9-]{23}\n$/);
  assert.equal((await run("operator", "--grant=ann", "--rights", "sql,export")).code, 0);
  assert.equal((await run("operator", "-revoke:ann", "-groups:deliveryOperator")).code, 0);
  assert.equal((await run("operator", "-restrict:ann", "-zone:lan", "-folder:12")).code, 0);
  const { text } = await run("operator", "-list");
  assert.match(text, /^ann +active +export,sql,workflow +- +lan +12 +0 +-$/m);
  assert.match((await run("operator", "-disable:ann")).text, /ann is disabled/);
  assert.match((await run("operator", "-list")).text, /^ann +disabled/m);
  assert.match((await run("operator", "-audit:ann")).text, /command line +operatorDisabled/);
});

test("what cannot be is refused in a sentence, and changes nothing", async (t) => {
  const run = await aCommand(t);
  for (const [words, sentence] of [
    [["operator"], /operator needs -list/],
    [["operator", "-create"], /-create:LOGIN/],
    [["operator", "-create:ann", "-rights:fly"], /no right 'fly'/],
    [["operator", "-create:ann", "-zone:moon"], /no zone 'moon'/],
    [["operator", "-create:internal"], /cannot be a login/],
    [["operator", "-grant:bob", "-rights:sql"], /no operator 'bob'/],
    [["operator", "-disable:admin"], /last operator with the right admin/],
    [["operator", "-restrict:admin", "-folder:x"], /-folder:ID/],
    [["token", "-create:admin", "-scopes:a b"], /-scopes/],
    [["token", "-create:admin", "-expires:2001-01-01"], /in the future/],
    [["token", "-revoke:99"], /no token 99/],
  ] as const) {
    const { code, errors } = await run(...words);
    assert.notEqual(code, 0, words.join(" "));
    assert.match(errors, sentence);
    assert.doesNotMatch(errors, /\n\s+at /);
  }
  assert.doesNotMatch((await run("operator", "-list")).text, /ann|disabled/);
});

test("a token is shown once when it is made, listed by how it begins, and ended", async (t) => {
  const run = await aCommand(t);
  const { text } = await run(
    "token",
    "-create:admin",
    "-label:till",
    "-scopes:recipients:read,deliveries",
    "-expires:90d",
  );
  const [, id = "", token = ""] = /^Token (\d+) of admin, shown only now: (pr_[\w-]{32})\n$/.exec(text) ?? [];
  const list = await run("token", "-list");
  assert.match(
    list.text,
    new RegExp(`^${id} +admin +till +${token.slice(0, 8)}\\.\\.\\. +recipients:read deliveries +good`, "m"),
  );
  assert.ok(!list.text.includes(token));
  assert.match((await run("token", `-revoke:${id}`)).text, /is revoked/);
  assert.match((await run("token", "-list")).text, /till .+ revoked /);
});
