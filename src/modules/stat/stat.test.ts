import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { Home } from "#foundation/home.ts";
import { aHome } from "#test/support/context.ts";
import { aDatabaseAddress } from "#test/support/database.ts";
import { type Ending, inReverse } from "#test/support/endings.ts";
import { aUdpPort } from "#test/support/free-ports.ts";
import { startModule } from "#test/support/module-process.ts";

async function aStatHome(
  test: Ending,
): Promise<{ home: Home; environment: Record<string, string>; port: number; t: Ending }> {
  const t = inReverse(test);
  const home = aHome(t);
  writeFileSync(join(home.conf, "instance-main.toml"), "");
  const address = await aDatabaseAddress(t);
  const port = await aUdpPort();
  return { home, environment: { POSTRIDER_DATABASE_URL: address.url, POSTRIDER_STAT_PORT: String(port) }, port, t };
}

test("a port that is taken is said so, with the port and its owner", async (test) => {
  const { home, environment, port, t } = await aStatHome(test);
  const first = startModule(t, home, ["stat", "-instance:main"], environment);
  await first.ready;
  const second = await startModule(t, home, ["stat", "-instance:main"], environment).ended;
  assert.equal(second.code, 1);
  assert.match(second.errors, new RegExp(`UDP port ${port} of 127.0.0.1 is taken by .*pid ${first.pid}`));
});

test("a reload is carried out by the running stat, and says so when none runs", async (test) => {
  const { home, environment, t } = await aStatHome(test);
  const running = startModule(t, home, ["stat", "-instance:main"], environment);
  await running.ready;
  assert.equal((await startModule(t, home, ["stat", "-instance:main", "-reload"], environment).ended).code, 0);
  await running.end("SIGTERM");
  assert.equal((await running.ended).code, 0);
  const alone = await startModule(t, home, ["stat", "-instance:main", "-reload"], environment).ended;
  assert.equal(alone.code, 1);
  assert.match(alone.errors, /does not answer/);
});
