import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { permitKeys } from "#channels/permits/permit-peer.ts";
import { openPermits } from "#channels/permits/permits.ts";
import { systemClock } from "#foundation/clock.ts";
import { databaseSettings } from "#foundation/common-settings.ts";
import type { InstanceVisit } from "#foundation/doctor/check.ts";
import type { Context } from "#foundation/module.ts";
import { silentLog } from "#foundation/log.ts";
import { aVisit, problemsOf } from "#test/support/doctor-visit.ts";
import { type Ending, inReverse } from "#test/support/endings.ts";
import { aFalteringDatabase } from "#test/support/faltering-database.ts";
import { aUdpPort } from "#test/support/free-ports.ts";
import { aScriptedWatchdog } from "#test/support/scripted-watchdog.ts";
import { makeContext } from "#test/support/make-context.ts";
import { insertKnownSender } from "#test/support/stat-store.ts";
import { aTenure } from "#test/support/stat-tenure.ts";
import { until } from "#test/support/until.ts";

import { endBackend, findHolder, nameHolder, statLock, takeSeat } from "../holder/holder-store.ts";
import type { Patience } from "../holder/patience.ts";
import { serveAlone } from "../holder/serve-alone.ts";
import { serveStat } from "../serve-stat.ts";
import { checkServer } from "./server.ts";

/** A server of this machine answers at once, or not at all. */
const check = (visit: InstanceVisit, more: Parameters<typeof checkServer>[1] = {}): ReturnType<typeof checkServer> =>
  checkServer(visit, { answerMs: 500, ...more });

const running = { module: "stat", instance: "main", state: "ready", pid: process.pid } as const;

async function aStatVisit(t: Ending): Promise<{ visit: InstanceVisit; port: number }> {
  const port = await aUdpPort();
  return { visit: await aVisit(t, { settings: `[stat]\nport = ${port}` }), port };
}

const hasty: Patience = {
  proveEveryMs: 50,
  proofLimitMs: 500,
  proofHoldsMs: 800,
  takeOverMs: 60_000,
  regainEveryMs: 50,
  lookEveryMs: 50,
  freeLooks: 1_000,
};

/** What a finding says of the database, and how long it says that nothing was granted. */
function saidOfPause(found: Awaited<ReturnType<typeof check>>): { text: string; holder: unknown; forMs: number } {
  const values = "findings" in found ? found.findings[0]?.values : undefined;
  const seen = values?.["seen"];
  const forSpan = values?.["for"];
  assert.ok(typeof seen === "object" && "text" in seen && typeof forSpan === "object" && "spanMs" in forSpan);
  return { text: seen.text, holder: seen.values?.["holder"], forMs: forSpan.spanMs };
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
  assert.deepEqual(problemsOf(await check(visit)), ["obstacle platform"]);
  await aScriptedWatchdog(t, visit.home, [{ module: "stat", instance: "main", state: "stopped" }]);
  assert.deepEqual(problemsOf(await check(visit)), ["obstacle process"]);
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
  const found = await check(visit);
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
  assert.deepEqual(problemsOf(await check(visit)), ["error stat.otherPort"]);
  await holdPort(t, port);
  assert.deepEqual(problemsOf(await check(visit)), ["error stat.otherKey"]);
  const other = await aStatVisit(t);
  await aScriptedWatchdog(t, other.visit.home, [{ ...running, pid: 1 }]);
  await holdPort(t, other.port);
  assert.deepEqual(problemsOf(await check(other.visit)), ["error stat.portTaken"]);
});

test("a stat that waits since another host grants for the database is told, with that host", async (test) => {
  const t = inReverse(test);
  const { visit } = await aStatVisit(t);
  await aScriptedWatchdog(t, visit.home, [running]);
  const found = await visit.db.whileLocked(statLock, () => check(visit), {
    holder: nameHolder("main", "otherhost", 77),
  });
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
  const server = await serveStat(context, await aTenure(context.db));
  t.after(() => server.stop());
  await until(async () => problemsOf(await check(visit)).length === 0, "stat to answer");
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
  await until(async () => problemsOf(await check(visit)).includes("warning stat.refusing"), "the refusals to be told");
});

test("a stat on another host that is closed, silent, or out of reach is told apart", async (test) => {
  const t = inReverse(test);
  const { visit, port } = await aStatVisit(t);
  // The address of this host stands for another one's.
  const elsewhere = async (): Promise<string[]> => problemsOf(await check(visit, { isOwn: () => false }));
  assert.deepEqual(await elsewhere(), ["error stat.remoteClosed"]);
  await holdPort(t, port);
  assert.deepEqual(await elsewhere(), ["error stat.remoteSilent"]);
  // To all: the system lets no ordinary socket speak there.
  const nowhere = await aVisit(t, { settings: `stat.port = ${port}\nstat.address = "255.255.255.255"` });
  assert.deepEqual(problemsOf(await check(nowhere)), ["error stat.unreachable"]);
});

test("a stat that has no rules since its database is away is told", async (test) => {
  const t = inReverse(test);
  const { visit, port } = await aStatVisit(t);
  await aScriptedWatchdog(t, visit.home, [running]);
  await holdPort(t, port);
  const away = await aVisit(t, { address: { url: "postgres://x@localhost:1/x" } });
  assert.deepEqual(problemsOf(await check({ ...visit, db: away.db })), ["error stat.noRules"]);
});

test("a stat that was restarted and awaits what its senders hold says so", async (test) => {
  const t = inReverse(test);
  const { visit } = await aStatVisit(t);
  await insertKnownSender(visit.db, "testhost:1:a");
  const server = await serveStat(makeContext({ ...visit, log: silentLog, flags: {} }), await aTenure(visit.db));
  t.after(() => server.stop());
  await until(
    async () => problemsOf(await check(visit)).includes("note stat.starting"),
    "the wait for the sender to be told",
  );
});

test("a stat that is cut off from its database is told, with how long and who has the lock", async (test) => {
  const t = inReverse(test);
  const { visit } = await aStatVisit(t);
  const way = await aFalteringDatabase(t, { url: visit.settings.of(databaseSettings).url });
  const context = makeContext({ ...visit, db: way.db, log: silentLog, flags: {} });
  const server = await serveAlone(context, (tenure) => serveStat(context, tenure), hasty);
  t.after(() => server.stop());
  await until(async () => problemsOf(await check(visit)).length === 0, "stat to grant");
  way.fallSilent();
  const paused = await until(async () => {
    const found = await check(visit);
    return problemsOf(found).includes("error stat.paused") && found;
  }, "the pause to be told");
  const said = saidOfPause(paused);
  assert.equal(said.text, "stat.pausedHeld");
  assert.match(String(said.holder), new RegExp(`^testhost \\(pid ${process.pid}\\), `));
  const holder = await findHolder(visit.db);
  assert.ok(holder !== undefined);
  await endBackend(visit.db, holder);
  await until(async () => saidOfPause(await check(visit)).text === "stat.pausedFree", "the lock to be free");
  const away = saidOfPause(await check({ ...visit, db: way.db }));
  assert.equal(away.text, "stat.pausedAway");
  assert.ok(away.forMs > said.forMs, `${away.forMs} ms after ${said.forMs} ms`);
  way.comeBack();
  await until(async () => problemsOf(await check(visit)).length === 0, "stat to grant again");
});

test("a spare whose turn has not come is told, with when it will have", async (test) => {
  const t = inReverse(test);
  const { visit } = await aStatVisit(t);
  await aScriptedWatchdog(t, visit.home, [running]);
  await takeSeat(visit.db, { id: "another run", place: "elsewhere" });
  const waitOf = (found: Awaited<ReturnType<typeof check>>): unknown => {
    assert.deepEqual(problemsOf(found), ["warning stat.spare"]);
    return "findings" in found ? found.findings[0]?.values?.["for"] : undefined;
  };
  assert.deepEqual(waitOf(await check(visit)), { spanMs: 13_000 });
  const context = makeContext({ ...visit, log: silentLog, flags: {} });
  const starting = serveAlone(context, (tenure) => serveStat(context, tenure), hasty);
  const holder = await until(() => findHolder(visit.db), "it to have the lock");
  t.after(async () => {
    // It has begun once its connection is lost.
    await endBackend(visit.db, holder);
    await (await starting).stop();
  });
  assert.deepEqual(waitOf(await check(visit)), { spanMs: 8_000 });
});
