import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";

import { ensureFirstOperators } from "#campaign/access/ensure-first-operators.ts";
import { openDatabase } from "#foundation/database.ts";
import { aHome } from "#test/support/context.ts";
import { aDatabaseAddress } from "#test/support/database.ts";
import { aTcpPort } from "#test/support/free-ports.ts";
import { startModule } from "#test/support/module-process.ts";
import { adminPassword } from "#test/support/instance-with-operators.ts";
import { clientOf } from "#test/support/web.ts";

test("the process serves while its database is not there yet, and ends in an orderly way", async (t) => {
  const home = aHome(t);
  const port = await aTcpPort();
  writeFileSync(join(home.conf, "instance-main.toml"), 'database.url = "postgres://nobody@127.0.0.1:1/none"\n');
  const web = startModule(t, home, ["web"], { POSTRIDER_WEB_PORT: String(port) });
  await web.ready;
  const client = clientOf(port);
  assert.equal((await client.get("/health")).status, 200);
  assert.equal((await client.get("/ready")).status, 503);
  assert.match((await client.call("Logon", "<login>admin</login><password>x</password>")).text, /WEB-100003/);
  await web.end("SIGTERM");
  assert.deepEqual((await web.ended).code, 0);
});

test("it serves an instance that has a database, and a kill costs no session", async (t) => {
  const home = aHome(t);
  const port = await aTcpPort();
  const address = await aDatabaseAddress(t);
  const db = openDatabase({ address, applicationName: "test", maxConnections: 1 });
  t.after(() => db.close());
  await ensureFirstOperators(db, { POSTRIDER_ADMIN_PASSWORD: adminPassword });
  writeFileSync(join(home.conf, "instance-main.toml"), `database.url = "${address.url}"\n`);
  const environment = { POSTRIDER_WEB_PORT: String(port) };
  const first = startModule(t, home, ["web"], environment);
  await first.ready;
  const client = clientOf(port);
  const tokens = await client.logOn();
  await first.end("SIGKILL");
  const second = startModule(t, home, ["web"], environment);
  await second.ready;
  assert.equal((await client.get("/ready")).status, 200);
  assert.match((await client.call("TestCnx", "", tokens)).text, /<TestCnxResponse/);
});

test("a port that is taken ends the process with 1 and one line that names port and owner", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  const web = startModule(t, aHome(t), ["web"], { POSTRIDER_WEB_PORT: String(port) });
  const { code, errors } = await web.ended;
  assert.equal(code, 1);
  assert.match(
    errors,
    new RegExp(`TCP port ${port} on 127\\.0\\.0\\.1 is taken by .+ \\(pid ${process.pid}\\)\\. Stop that program`),
  );
  assert.doesNotMatch(errors, /\n\s+at /);
});
