import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";

import { aDatabase, aDatabaseAddress } from "#test/support/database.ts";
import { aFalteringDatabase } from "#test/support/faltering-database.ts";
import { until } from "#test/support/until.ts";

import { openDatabase } from "./database.ts";
import { isDatabaseAway } from "./database-errors.ts";

const toNumber = (row: unknown): number => (row as { n: number }).n;

test("values reach the database as parameters, whatever they hold", async (t) => {
  const db = await aDatabase(t);
  const text = `'; drop table nms_recipient; -- $1 \\ "`;
  assert.equal(await db.first((row) => (row as { t: string }).t)`select ${text}::text as t`, text);
});

test("reading work cannot write, is ended by the server when it takes too long, and its connection goes on", async (t) => {
  const db = await aDatabase(t);
  await assert.rejects(
    db.reading(5_000, (tx) => tx.run`insert into xtk_counter (name, value) values ('a', 1)`),
    { code: "25006" },
  );
  await assert.rejects(
    db.reading(20, (tx) => tx.run`select pg_sleep(30)`),
    { code: "57014" },
  );
  assert.equal(await db.reading(5_000, (tx) => tx.first(toNumber)`select 1 as n`), 1);
  assert.equal(
    await db.first((row) => (row as { limit: string }).limit)`select current_setting('statement_timeout') as limit`,
    "0",
  );
});

test("a transaction that throws leaves nothing", async (t) => {
  const db = await aDatabase(t);
  await assert.rejects(
    db.transaction(async (tx) => {
      await tx.run`insert into xtk_counter (name, value) values ('a', 1)`;
      throw new Error("no");
    }),
    /no/,
  );
  assert.equal(await db.first(toNumber)`select count(*)::int as n from xtk_counter where name = 'a'`, 0);
});

test("lines are copied inside a transaction", async (t) => {
  const db = await aDatabase(t);
  const copied = await db.transaction((tx) =>
    tx.copyIn("copy xtk_counter (name, value) from stdin (format csv)", Readable.from(["a,1\n", "b,2\n"])),
  );
  assert.equal(copied, 2);
  assert.equal(await db.first(toNumber)`select sum(value)::int as n from xtk_counter where name in ('a', 'b')`, 3);
});

test("a large result is read in batches, and may be left early", async (t) => {
  const db = await aDatabase(t);
  const sizes: number[] = [];
  for await (const batch of db.batches(toNumber, 400)`select generate_series(1, ${1000}::int) as n`)
    sizes.push(batch.length);
  assert.deepEqual(sizes, [400, 400, 200]);
  for await (const batch of db.batches(toNumber, 10)`select generate_series(1, 1000) as n`) {
    assert.equal(batch[0], 1);
    break;
  }
  assert.equal(await db.first(toNumber)`select 1 as n`, 1);
});

test("a notice reaches who listens, also after the connection was cut", async (t) => {
  const db = await aDatabase(t);
  const heard: string[] = [];
  const listener = await db.listen("postrider_test", (payload) => void heard.push(payload));
  t.after(() => listener.stop());
  await db.run`select pg_notify('postrider_test', 'one')`;
  await until(() => heard.includes("one"), "the first notice");
  heard.length = 0;
  await db.run`select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%' and datname = current_database()`;
  await until(() => heard.includes(""), "the listener's return");
  await db.run`select pg_notify('postrider_test', 'two')`;
  await until(() => heard.includes("two"), "the second notice");
});

test("only one holder of a named lock does its work at a time", async (t) => {
  const db = await aDatabase(t);
  const outer = await db.whileLocked("singleton", async () => ({
    inner: await db.whileLocked("singleton", () => Promise.resolve("twice")),
  }));
  assert.deepEqual(outer, { inner: undefined });
  assert.equal(await db.whileLocked("singleton", () => Promise.resolve("again")), "again");
});

test("whoever listens or holds a lock ends also when the server keeps silent", async (t) => {
  const { db, fallSilent } = await aFalteringDatabase(t, await aDatabaseAddress(t));
  const listener = await db.listen("a_channel", () => undefined);
  const finished = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const locked = db.whileLocked("a lock", async () => {
    begun.resolve();
    await finished.promise;
    return "done";
  });
  await begun.promise;
  fallSilent();
  finished.resolve();
  await listener.stop();
  assert.equal(await locked, "done");
});

test("a process that ends waits for a silent database no longer than it says", async (t) => {
  const way = await aFalteringDatabase(t, await aDatabaseAddress(t));
  const { db } = way;
  const one = (): Promise<number | undefined> => db.first(toNumber)`select 1 as n`;
  db.limitSilence(60_000);
  assert.deepEqual(await Promise.all([one(), db.transaction((tx) => tx.first(toNumber)`select 2 as n`)]), [1, 2]);
  way.fallSilent();
  const waiting = [one(), db.transaction(() => one()), db.reading(60_000, () => one()), one()];
  for (const statement of waiting) statement.catch(() => undefined);
  await until(() => way.holdsBack, "the questions");
  db.limitSilence(200);
  for (const statement of waiting) await assert.rejects(statement, isDatabaseAway);
  await assert.rejects(one(), isDatabaseAway);
});

test("a database that is away is told apart from a statement that is wrong", async (t) => {
  const db = await aDatabase(t);
  await assert.rejects(db.run`select nothing from nowhere`, (error) => !isDatabaseAway(error));
  const nobody = openDatabase({
    address: { url: "postgres://x@127.0.0.1:1/x" },
    applicationName: "test",
    maxConnections: 1,
  });
  t.after(() => nobody.close());
  await assert.rejects(nobody.run`select 1`, isDatabaseAway);
});
