import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { HostVisit } from "#foundation/doctor/check.ts";
import { loadSecrets, secretKeyFile } from "#foundation/secrets.ts";
import { aHome } from "#test/support/context.ts";
import { problemsOf } from "#test/support/doctor-visit.ts";

import { checkSettings } from "./settings.ts";

test("no instance, no key, a damaged key, faults in a file, and a variable that names no setting are told apart", async (t) => {
  const home = aHome(t);
  const visit: HostVisit = {
    home,
    environment: {},
    host: "testhost",
    instances: ["main"],
    now: () => new Date(),
    signal: new AbortController().signal,
  };
  assert.deepEqual(problemsOf(await checkSettings({ ...visit, instances: [] })), ["error settings.none"]);
  const file = join(home.conf, "instance-main.toml");
  writeFileSync(file, "");
  rmSync(secretKeyFile(home), { force: true });
  assert.deepEqual(problemsOf(await checkSettings(visit)), ["error settings.noKey"]);
  writeFileSync(secretKeyFile(home), "half a k", { mode: 0o600 });
  assert.deepEqual(problemsOf(await checkSettings(visit)), ["error settings.keyUnreadable"]);
  rmSync(secretKeyFile(home));
  loadSecrets(home);
  assert.deepEqual(problemsOf(await checkSettings(visit)), []);
  writeFileSync(file, 'mta.route = "post"\nmta.noSuchThing = 1\n');
  const found = await checkSettings(visit);
  assert.deepEqual(problemsOf(found), ["error settings.faulty"]);
  assert.equal("findings" in found ? found.findings[0]?.values?.["faults"] : 0, 2);
  writeFileSync(file, "");
  const misspelt = { ...visit, environment: { POSTRIDER_MTA_RUOTE: "mx" } };
  assert.deepEqual(problemsOf(await checkSettings(misspelt)), ["warning settings.ignored"]);
});
