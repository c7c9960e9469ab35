import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { openPermits } from "#channels/permits/permits.ts";
import { type Database, openDatabase } from "#foundation/database.ts";
import type { Home } from "#foundation/home.ts";
import { loadSecrets, type Secrets } from "#foundation/secrets.ts";
import { aHome } from "#test/support/context.ts";
import { aDatabaseAddress } from "#test/support/database.ts";
import { type Ending, inReverse } from "#test/support/endings.ts";
import { aUdpPort } from "#test/support/free-ports.ts";
import { startModule } from "#test/support/module-process.ts";
import { runVerb } from "#test/support/platform.ts";
import { insertMxRule } from "#test/support/stat-store.ts";
import { until } from "#test/support/until.ts";

import { findHolder } from "./holder/holder-store.ts";

type StatHome = {
  readonly home: Home;
  readonly environment: Record<string, string>;
  readonly port: number;
  readonly db: Database;
  readonly secrets: Secrets;
  readonly t: Ending;
};

async function aStatHome(test: Ending): Promise<StatHome> {
  const t = inReverse(test);
  const home = aHome(t);
  writeFileSync(join(home.conf, "instance-main.toml"), "");
  const address = await aDatabaseAddress(t);
  const db = openDatabase({ address, applicationName: "test", maxConnections: 2 });
  t.after(() => db.close());
  const port = await aUdpPort();
  const environment = { POSTRIDER_DATABASE_URL: address.url, POSTRIDER_STAT_PORT: String(port) };
  return { home, environment, port, db, secrets: loadSecrets(home), t };
}

test("a port that is taken is said so, with the port and its owner", async (test) => {
  const { home, environment, port, t } = await aStatHome(test);
  const socket = createSocket("udp4");
  t.after(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  socket.bind(port, "127.0.0.1");
  await once(socket, "listening");
  const ended = await startModule(t, home, ["stat", "-instance:main"], environment).ended;
  assert.equal(ended.code, 1);
  assert.match(ended.errors, new RegExp(`UDP port ${port} of 127.0.0.1 is taken by .*pid ${process.pid}`));
});

test("two processes on one database: the second waits, and a killed first frees its place at once", async (test) => {
  const { home, environment, db, t } = await aStatHome(test);
  const first = startModule(t, home, ["stat", "-instance:main"], environment);
  await first.ready;
  const second = startModule(t, home, ["stat", "-instance:main"], environment);
  await second.ready;
  assert.equal((await findHolder(db))?.pid, first.pid);
  await first.end("SIGKILL");
  await until(async () => (await findHolder(db))?.pid !== first.pid, "the place to be free");
  await second.end("SIGTERM");
  assert.equal((await second.ended).code, 0);
});

test("what it knows is shown as a table: paths, limits, and what waits for what and until when", async (test) => {
  const { home, environment, db, port, secrets, t } = await aStatHome(test);
  await insertMxRule(db, { mask: "mx*.example.test", maxMessagesPerHour: 1_200, maxConnections: 1 });
  await startModule(t, home, ["stat", "-instance:main"], environment).ready;
  const path = { host: "mx1.example.test", address: "192.0.2.7", publicId: 3 };
  const permits = openPermits({
    address: "127.0.0.1",
    port,
    key: secrets.deriveKey("permits", "main"),
    client: "testhost:1:a",
    elapsedMs: () => performance.now(),
    describeWaits: () => [
      { destination: "shop.test", path, messages: 41, reason: "quota", sinceMs: 5_000, forMs: 90_000 },
      { destination: "evil\u001b[2J.test", messages: 1, reason: "unreachable", sinceMs: 0, forMs: 1_000 },
    ],
  });
  t.after(() => permits.close(0));
  const asking = AbortSignal.timeout(20_000);
  await until(async () => (await permits.connect(path, asking))?.kind === "granted", "a connection to be granted");
  const shown = await until(async () => {
    const { output } = await runVerb(["stat", "-instance:main", "-show"], {
      ...process.env,
      POSTRIDER_HOME: home.root,
      ...environment,
    });
    return /quotas met/.test(output) ? output : undefined;
  }, "what waits to be shown");
  assert.match(shown, /^stat is up for \d+ s: 2 rules, 1 sender, 1 open connection, 0 datagrams refused$/m);
  assert.match(shown, /^public id +mail exchanger +address +rule +connections +slice +hour +held +slice ends/m);
  assert.match(
    shown,
    /^3 +mx1\.example\.test +192\.0\.2\.7 +\d+: mx\*\.example\.test +1 \/ 1 +\d+ \/ 100 +\d+ \/ 1200 /m,
  );
  assert.match(
    shown,
    /^quotas met +41 +shop\.test +mx1\.example\.test +\d\d:\d\d:\d\d +\d\d:\d\d:\d\d +testhost:1:a$/m,
  );
  assert.match(shown, /^a server that answers +1 +evil\\x1b\[2J\.test +- /m);
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
