import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { permitKeys } from "#channels/permits/permit-peer.ts";
import { openPermits } from "#channels/permits/permits.ts";
import { systemClock } from "#foundation/clock.ts";
import type { InstanceVisit } from "#foundation/doctor/check.ts";
import type { Context } from "#foundation/module.ts";
import { silentLog } from "#foundation/log.ts";
import { aVisit, problemsOf } from "#test/support/doctor-visit.ts";
import { type Ending, inReverse } from "#test/support/endings.ts";
import { aUdpPort } from "#test/support/free-ports.ts";
import { aScriptedWatchdog } from "#test/support/scripted-watchdog.ts";
import { until } from "#test/support/until.ts";

import { nameHolder, statLock } from "../holder-store.ts";
import { serveStat } from "../serve-stat.ts";
import { checkServer } from "./server.ts";

const running = { module: "stat", instance: "main", state: "ready", pid: process.pid } as const;

async function aStatVisit(t: Ending): Promise<{ visit: InstanceVisit; port: number }> {
  const port = await aUdpPort();
  return { visit: await aVisit(t, { settings: `[stat]\nport = ${port}` }), port };
}

async function holdPort(t: Ending, port: number): Promise<void> {
  const socket = createSocket("udp4");
  t.after(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  socket.bind(port, "127.0.0.1");
  await once(socket, "listening");
}

test("without a platform nobody is asked for, and without its process the platform says so", async (test) => {
  const t = inReverse(test);
  const { visit } = await aStatVisit(t);
  assert.deepEqual(problemsOf(await checkServer(visit)), ["obstacle platform"]);
  await aScriptedWatchdog(t, visit.home, [{ module: "stat", instance: "main", state: "stopped" }]);
  assert.deepEqual(problemsOf(await checkServer(visit)), ["obstacle process"]);
});

test("that children wait for a stat that does not run is told, with the moment since which they do", async (test) => {
  const t = inReverse(test);
  const { visit } = await aStatVisit(t);
  await aScriptedWatchdog(t, visit.home, [{ module: "stat", instance: "main", state: "stopped" }]);
  const log = join(visit.home.var, "main", "log");
  mkdirSync(log, { recursive: true });
  writeFileSync(
    join(log, "mtachild.log"),
    "2026-11-21 10:01:00.000Z\t12\t0\t7\twarning\tlog\tmta.stat_unreachable address=127.0.0.1 port=1 awaySec=60\n",
  );
  const found = await checkServer(visit);
  assert.deepEqual(problemsOf(found), ["error stat.away"]);
  assert.deepEqual("findings" in found ? found.findings[0]?.values?.["since"] : undefined, {
    text: "stat.waitsSince",
    values: { since: new Date("2026-11-21T10:00:00Z") },
  });
});

test("a port that nobody holds, one that another program holds, and a stat with another key are told apart", async (test) => {
  const t = inReverse(test);
  const { visit, port } = await aStatVisit(t);
  await aScriptedWatchdog(t, visit.home, [running]);
  assert.deepEqual(problemsOf(await checkServer(visit)), ["error stat.otherPort"]);
  await holdPort(t, port);
  assert.deepEqual(problemsOf(await checkServer(visit)), ["error stat.otherKey"]);
  const other = await aStatVisit(t);
  await aScriptedWatchdog(t, other.visit.home, [{ ...running, pid: 1 }]);
  await holdPort(t, other.port);
  assert.deepEqual(problemsOf(await checkServer(other.visit)), ["error stat.portTaken"]);
});

test("a stat that waits since another host grants for the database is told, with that host", async (test) => {
  const t = inReverse(test);
  const { visit } = await aStatVisit(t);
  await aScriptedWatchdog(t, visit.home, [running]);
  const found = await visit.db.whileLocked(statLock, () => checkServer(visit), nameHolder("main", "otherhost", 77));
  assert.ok(found !== undefined);
  assert.deepEqual(problemsOf(found), ["error stat.elsewhere"]);
  const values = "findings" in found ? found.findings[0]?.values : undefined;
  const holder = values?.["holder"];
  assert.ok(typeof holder === "string" && holder.startsWith("otherhost (pid 77), "));
});

test("a stat that answers is seen, and one that others ask with another secret says that it refuses them", async (test) => {
  const t = inReverse(test);
  const { visit, port } = await aStatVisit(t);
  const context: Context = {
    ...visit,
    log: silentLog,
    clock: systemClock,
    processId: `testhost:${process.pid}:a`,
    flags: {},
    openInstance: () => Promise.resolve(context),
    requestStop: () => undefined,
  };
  const server = await serveStat(context);
  t.after(() => server.stop());
  await until(async () => problemsOf(await checkServer(visit)).length === 0, "stat to answer");
  const stranger = openPermits({
    address: "127.0.0.1",
    port,
    key: Buffer.from(permitKeys(visit).key).reverse(),
    client: "stranger:1:a",
    elapsedMs: () => performance.now(),
  });
  t.after(() => stranger.close(0));
  const asking = new AbortController();
  t.after(() => asking.abort());
  void stranger.reload(asking.signal);
  await until(
    async () => problemsOf(await checkServer(visit)).includes("warning stat.refusing"),
    "the refusals to be told",
  );
});
