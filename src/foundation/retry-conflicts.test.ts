import assert from "node:assert/strict";
import { test } from "node:test";

import type { Statements } from "#foundation/database.ts";
import { aDatabase } from "#test/support/database.ts";

import { retryConflicts } from "./retry-conflicts.ts";

test("two pieces of work that lock each other's rows both come to their end", async (t) => {
  const db = await aDatabase(t);
  let runs = 0;
  let arrived = 0;
  const { promise: both, resolve: meet } = Promise.withResolvers<void>();
  const cross = (first: number, second: number) =>
    retryConflicts(db, async (tx) => {
      runs += 1;
      await add(tx, first);
      arrived += 1;
      if (arrived === 2) meet();
      // Only the first time: then each holds what the other wants.
      await both;
      await add(tx, second);
    });
  await db.run`create table pair (id integer primary key, amount integer not null default 0)`;
  await db.run`insert into pair (id) values (1), (2)`;
  await Promise.all([cross(1, 2), cross(2, 1)]);
  assert.equal(runs, 3, "one of them ran twice");
  assert.equal(await sum(db), 4);
});

test("what cannot be serialized is run again; another error is not, and a conflict that stays is told", async (t) => {
  const db = await aDatabase(t);
  let runs = 0;
  const failing = (code: string, times: number) =>
    retryConflicts(db, () => {
      runs += 1;
      return runs <= times ? Promise.reject(Object.assign(new Error(code), { code })) : Promise.resolve(runs);
    });
  assert.equal(await failing("40001", 2), 3);
  runs = 0;
  await assert.rejects(failing("23505", 1), { code: "23505" });
  assert.equal(runs, 1);
  runs = 0;
  await assert.rejects(failing("40001", 1_000), { code: "40001" });
  assert.equal(runs, 5);
});

function add(tx: Statements, id: number): Promise<number> {
  return tx.run`update pair set amount = amount + 1 where id = ${id}`;
}

async function sum(db: Statements): Promise<number | undefined> {
  return db.first((row) => (row as { sum: number }).sum)`select sum(amount)::int as sum from pair`;
}
