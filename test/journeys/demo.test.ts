import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import type { Figures } from "#cli/demo/figures.ts";

import { inReverse } from "#test/support/endings.ts";
import { freePorts } from "#test/support/free-ports.ts";
import { runVerb } from "#test/support/platform.ts";
import { processesOf } from "#test/support/processes.ts";
import { aFolder } from "#test/support/temporary-folder.ts";
import { until } from "#test/support/until.ts";

test("the demo's table equals the inbox's and the ledger's counts, a second run works, and nothing stays behind", {
  timeout: 400_000,
}, async (hooks) => {
  const t = inReverse(hooks);
  const root = aFolder(t);
  const environment = { ...process.env, POSTRIDER_HOME: root, ...(await freePorts()) };

  const first = await runDemo(environment);
  assertConsistent(first);
  assert.equal(first.import.read, 5_000);
  assert.equal(first.import.inserted + first.import.doubles + first.import.rejected, first.import.read);
  assert.ok(
    first.delivery.refused > 0 &&
      first.returned.bounces > 0 &&
      first.returned.complaints > 0 &&
      first.readers.clicked > 0,
  );
  await until(() => processesOf(root).length === 0, "the end of every process", { limitMs: 5_000 });

  const second = await runDemo(environment);
  assertConsistent(second);
  assert.equal(second.import.inserted, 0, "the same list again brings nobody new");
  assert.ok(
    (second.delivery.excluded["in quarantine"] ?? 0) >= first.returned.bounces + first.delivery.refused,
    "who bounced is left out",
  );
  await until(() => processesOf(root).length === 0, "the end of every process", { limitMs: 5_000 });
});

test("the demo refuses a list that is not there before it starts anything", async (t) => {
  const root = aFolder(t);
  const { code, output } = await runVerb(["demo", "--exit", "--csv", join(root, "none.csv")], {
    ...process.env,
    POSTRIDER_HOME: root,
  });
  assert.equal(code, 2);
  assert.match(output, /^postrider: There is no file .*none\.csv/);
  assert.deepEqual(processesOf(root), []);
});

async function runDemo(environment: NodeJS.ProcessEnv): Promise<Figures> {
  const { code, output } = await runVerb(["demo", "--exit", "--json"], environment);
  assert.equal(code, 0, output);
  return JSON.parse(output.trim().split("\n").at(-1) ?? "") as Figures;
}

function assertConsistent({ delivery, inbox, checks, ...rest }: Figures): void {
  assert.deepEqual(
    checks.filter(({ isEqual }) => !isEqual),
    [],
  );
  assert.ok(checks.length >= 5);
  assert.equal(delivery.sent + delivery.bouncedLater, inbox.kept);
  assert.equal(inbox.duplicates, 0);
  assert.equal(rest.export.rows, rest.import.inserted + rest.import.updated + rest.import.unchanged);
}
