import assert from "node:assert/strict";
import { test } from "node:test";

import { aDatabaseAddress } from "#test/support/database.ts";
import { aVisit, problemsOf } from "#test/support/doctor-visit.ts";
import { inReverse } from "#test/support/endings.ts";
import { aFalteringDatabase } from "#test/support/faltering-database.ts";
import { until } from "#test/support/until.ts";

import { checkDatabaseOfInstance } from "./database.ts";
import { listBlocked } from "./database-state-store.ts";

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
  held.resolve();
  await Promise.all([holding, waiting]);
});
