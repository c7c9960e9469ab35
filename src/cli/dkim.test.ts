import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import { openDatabase } from "#foundation/database.ts";
import { programFolder } from "#foundation/home.ts";
import { aHome } from "#test/support/context.ts";
import { aDatabaseAddress } from "#test/support/database.ts";
import { aScriptedDns } from "#test/support/scripted-dns.ts";

type Outcome = { code: number; text: string; errors: string };

test("keys of a domain are made, published, rotated to and retired by the command", async (t) => {
  const { run, url } = await aCommand(t);
  assert.match((await run("-list")).text, /There is no key; make one/);
  const made = await run("-create:Shop.Test", "-algorithm:both");
  const records = [...made.text.matchAll(/^(\S+)\._domainkey\.shop\.test\. IN TXT (.+)$/gm)].map(
    ([, selector, text]) => ({
      name: `${selector}._domainkey.shop.test`,
      text: (text ?? "").replaceAll('" "', "").replace(/^"|"$/g, ""),
    }),
  );
  assert.equal(records.length, 2);
  assert.match(records[0]?.text ?? "", /^v=DKIM1; k=rsa; p=[A-Za-z0-9+/=]{300,}$/);
  assert.match(records[1]?.text ?? "", /^v=DKIM1; k=ed25519; p=[A-Za-z0-9+/=]{44}$/);

  const dns = await aScriptedDns(t, {});
  const nameServer = `-nameserver:${dns.nameServer}`;
  assert.match((await run("-check", nameServer)).text, /there is no record yet/);
  const early = await run("-rotate:shop.test", nameServer);
  assert.notEqual(early.code, 0);
  assert.match(early.errors, /Nothing was changed.*there is no record yet/);
  dns.change(Object.fromEntries(records.map(({ name, text }) => [name, { txt: [text] }])));
  const checked = await run("--check", "shop.test", nameServer);
  assert.equal((checked.text.match(/ published$/gm) ?? []).length, 2, checked.text);
  assert.match((await run("-rotate:shop.test", nameServer)).text, /signs from now on/);
  assert.equal(((await run("-list")).text.match(/ signs$/gm) ?? []).length, 2);

  await run("-create:shop.test", "-selector:second");
  assert.match((await run("-rotate:shop.test", "-force", "-from:2099-01-01")).text, /takes over at 2099-01-01/);
  assert.match((await run("-list")).text, /second +rsa +signs from 2099-01-01T00:00Z/);
  assert.match((await run("-rotate:shop.test", "-force")).text, /second signs from now on/);
  assert.match((await run("-list")).text, /rsa +retired[\s\S]*second +rsa +signs$/m);

  const db = openDatabase({ address: { url, password: "" }, applicationName: "test", maxConnections: 1 });
  const stored = await db.rows((row) => (row as { k: string }).k)`select private_key as k from nms_dkim_key`;
  await db.close();
  assert.equal(stored.length, 3);
  for (const key of stored) assert.match(key, /^@aes1:/);
});

test("what cannot be is refused in a sentence, and changes nothing", async (t) => {
  const { run } = await aCommand(t);
  for (const [words, sentence] of [
    [[], /dkim needs -list/],
    [["-create"], /-create:DOMAIN/],
    [["-create:no domain"], /no domain is no domain/],
    [["-create:shop.test", "-algorithm:dsa"], /-algorithm:rsa/],
    [["-create:shop.test", "-selector:a b"], /no label/],
    [["-rotate:shop.test"], /no next key/],
    [["-retire:shop.test/x"], /-retire:DOMAIN\/SELECTOR/],
  ] as const) {
    const { code, errors } = await run(...words);
    assert.notEqual(code, 0, words.join(" "));
    assert.match(errors, sentence);
  }
  await run("-create:shop.test", "-selector:one", "-algorithm:ed25519");
  assert.match((await run("-create:shop.test", "-selector:one")).errors, /has a key one already/);
});

async function aCommand(
  t: Parameters<typeof aHome>[0],
): Promise<{ run: (...words: readonly string[]) => Promise<Outcome>; url: string }> {
  const home = aHome(t);
  const { url } = await aDatabaseAddress(t);
  writeFileSync(join(home.conf, "instance-main.toml"), `database.url = "${url}"\n`);
  const main = join(programFolder, "src/cli/main.ts");
  const run = async (...words: readonly string[]): Promise<Outcome> => {
    const env = { PATH: process.env["PATH"], POSTRIDER_HOME: home.root };
    try {
      const args = ["--disable-warning=ExperimentalWarning", main, "dkim", ...words];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env });
      return { code: 0, text: stdout, errors: stderr };
    } catch (error) {
      const failed = error as { code: number; stdout: string; stderr: string };
      return { code: failed.code, text: failed.stdout, errors: failed.stderr };
    }
  };
  return { run, url };
}
