import assert from "node:assert/strict";
import { test } from "node:test";

import { openDatabase, type Statements } from "#foundation/database.ts";
import { startCluster } from "#test/support/cluster.ts";
import { stopPolitely } from "#test/support/cluster-store.ts";
import { someSettings } from "#test/support/context.ts";
import { aDatabaseAddress } from "#test/support/database.ts";
import { aVisit, problemsOf } from "#test/support/doctor-visit.ts";
import { inReverse } from "#test/support/endings.ts";
import { aFalteringDatabase } from "#test/support/faltering-database.ts";
import { aScriptedWatchdog } from "#test/support/scripted-watchdog.ts";
import { aPlainRole, limitConnections } from "#test/support/sending-store.ts";
import { until } from "#test/support/until.ts";

import { checkDatabaseOfInstance } from "./database.ts";
import { listBlocked, readDatabaseState } from "./database-state-store.ts";

test("a database that is well is seen with its version and connections", async (t) => {
  const found = await checkDatabaseOfInstance(await aVisit(t));
  assert.ok("findings" in found);
  assert.deepEqual(found.findings, []);
  const version = found.seen?.values?.["version"];
  assert.ok(typeof version === "string" && /^\d+\.\d+$/.test(version));
});

test("away, another name, and a silent server are told apart from one that works", async (test) => {
  const t = inReverse(test);
  const address = await aDatabaseAddress(t);
  const way = await aFalteringDatabase(t, address);
  const visit = await aVisit(t, { address: way.address });
  way.refuse();
  assert.deepEqual(problemsOf(await checkDatabaseOfInstance(visit)), ["error database.away"]);
  way.comeBack();
  assert.deepEqual(problemsOf(await checkDatabaseOfInstance(visit)), []);
  way.fallSilent();
  assert.deepEqual(problemsOf(await checkDatabaseOfInstance(visit)), ["error database.away"]);
  way.comeBack();
  const other = await aVisit(t, { address: { url: address.url.replace(/test_\w+/, "no_such_database") } });
  assert.deepEqual(problemsOf(await checkDatabaseOfInstance(other)), ["error database.refused"]);
});

test("a database of an older or newer version, or one that takes no changes, is told", async (t) => {
  const visit = await aVisit(t);
  const { db } = visit;
  await db.run`insert into xtk_migration (name, timestamp) values ('9999-from-the-future', '')`;
  assert.deepEqual(problemsOf(await checkDatabaseOfInstance(visit)), ["error database.newer"]);
  await db.run`delete from xtk_migration where name >= '0004'`;
  assert.deepEqual(problemsOf(await checkDatabaseOfInstance(visit)), ["error database.older"]);
});

test("a database that takes no changes is told", async (t) => {
  const address = await aDatabaseAddress(t);
  const { db } = await aVisit(t, { address });
  await db.run`
    do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$`;
  assert.deepEqual(problemsOf(await checkDatabaseOfInstance(await aVisit(t, { address }))), [
    "error database.readOnly",
  ]);
});

test("a clock that is not the database's, and a statement that waits for a lock, are told", async (t) => {
  const visit = await aVisit(t);
  const late = { ...visit, now: () => new Date(Date.now() + 3_600_000) };
  assert.deepEqual(problemsOf(await checkDatabaseOfInstance(late)), ["warning database.otherClock"]);
  const { db } = visit;
  const held = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const holding = db.transaction(async (tx) => {
    await tx.run`lock table xtk_host`;
    locked.resolve();
    await held.promise;
  });
  await locked.promise;
  const waiting = db.run`delete from xtk_host`;
  const [blocked] = await until(async () => {
    const found = await listBlocked(db, 0);
    return found.length > 0 ? found : undefined;
  }, "the wait to be seen");
  assert.deepEqual([blocked?.applicationName, blocked?.blockerState], ["test", "idle in transaction"]);
  assert.deepEqual(problemsOf(await checkDatabaseOfInstance(visit, { longWaitMs: 0 })), ["warning database.locked"]);
  held.resolve();
  await Promise.all([holding, waiting]);
});

test("connections that run out are told, before it is so and when it is", async (test) => {
  const t = inReverse(test);
  const address = await aDatabaseAddress(t);
  const admin = (await aVisit(t, { address })).db;
  const visit = await aVisit(t, { address: (await aPlainRole(t, address)).address });
  // That of the database, so that no other test meets it: the test itself holds four, and the check needs one.
  await limitConnections(admin, 6);
  await Promise.all([visit.db.run`select pg_sleep(0.1)`, visit.db.run`select pg_sleep(0.1)`, visit.db.run`select 1`]);
  assert.deepEqual(problemsOf(await checkDatabaseOfInstance(visit)), ["warning database.fewConnections"]);
  await limitConnections(admin, 0);
  assert.deepEqual(problemsOf(await checkDatabaseOfInstance(visit)), ["error database.noConnection"]);
  await limitConnections(admin, -1);
  assert.deepEqual(problemsOf(await checkDatabaseOfInstance(visit)), []);
});

test("a server of a version that is too old is told", async (t) => {
  const readState = async (db: Statements): ReturnType<typeof readDatabaseState> => {
    const state = await readDatabaseState(db);
    return state === undefined ? undefined : { ...state, versionNumber: 140_011, version: "14.11" };
  };
  assert.deepEqual(problemsOf(await checkDatabaseOfInstance(await aVisit(t), { readState })), [
    "error database.oldServer",
  ]);
});

test("an embedded server that is away is told while the watchdog runs, whose it is", async (test) => {
  const t = inReverse(test);
  const external = await aVisit(t);
  const visit = { ...external, settings: someSettings("", external.secrets) };
  assert.deepEqual(problemsOf(await checkDatabaseOfInstance(visit)), ["obstacle platform"]);
  await aScriptedWatchdog(t, visit.home, []);
  assert.deepEqual(problemsOf(await checkDatabaseOfInstance(visit)), ["error database.embeddedAway"]);
});

test("a server that lets nobody in since it is stopping is told as such", async (test) => {
  const t = inReverse(test);
  const cluster = await startCluster();
  t.after(() => cluster.stop());
  const visit = await aVisit(t, { address: cluster.address("postgres") });
  // It stops once the last session has ended, and lets no other in: this one stays.
  const held = openDatabase({ address: cluster.address("postgres"), applicationName: "held", maxConnections: 1 });
  t.after(() => held.close());
  await stopPolitely(held);
  await until(
    async () => problemsOf(await checkDatabaseOfInstance(visit)).includes("error database.starting"),
    "the stop to be told",
  );
});
