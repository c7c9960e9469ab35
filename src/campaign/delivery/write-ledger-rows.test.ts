import assert from "node:assert/strict";
import { test } from "node:test";

import type { Database } from "#foundation/database.ts";
import { sql } from "#foundation/sql.ts";
import { aDatabase } from "#test/support/database.ts";

import { collectTarget, excludeDoubles } from "./preparation-store.ts";
import { writeLedgerRows } from "./write-ledger-rows.ts";

const logDate = "2027-01-15";
const everybody = { joins: sql``, where: sql`true` };
const excludes = { optOut: true, quarantine: true, maxErrors: 5 };

test("a large target is written in stretches: large domains in each, small ones together, excluded ones last", async (t) => {
  const db = await aDatabase(t);
  await anAudience(db, 4_000);
  let stretches = 0;
  await prepare(db, { waves: [], stretchSize: 1_000, goOn: async () => void (stretches += 1) });
  const rows = await readRows(db);
  assert.equal(stretches, 5);
  assert.deepEqual(
    rows.map(({ id }) => id),
    Array.from({ length: 4_000 }, (_, index) => 1_001 + index),
  );
  assert.equal(new Set(rows.map(({ recipient }) => recipient)).size, 4_000);
  assert.deepEqual(countRuns(rows.map(({ status }) => String(status))), { "6": 1, "0": 1 });
  const runs = countRuns(rows.filter(({ status }) => status === 6).map(({ domain }) => domain));
  assert.ok((runs["large0.test"] ?? 0) > 1 && (runs["large1.test"] ?? 0) > 1, JSON.stringify(runs));
  const small = Object.entries(runs).filter(([domain]) => domain.startsWith("small"));
  assert.deepEqual([small.length, ...new Set(small.map(([, count]) => count))], [20, 1]);
});

test("a target that is no larger than a stretch is written domain by domain", async (t) => {
  const db = await aDatabase(t);
  await anAudience(db, 1_500);
  await prepare(db, { waves: [], stretchSize: 1_000, goOn: () => assert.fail("there are no stretches") });
  const rows = await readRows(db);
  assert.equal(rows.length, 1_500);
  const runs = countRuns(rows.filter(({ status }) => status === 6).map(({ domain }) => domain));
  assert.deepEqual([...new Set(Object.values(runs))], [1]);
});

test("waves are written one after the other, and excluded ones behind them", async (t) => {
  const db = await aDatabase(t);
  await anAudience(db, 400);
  const pending = 400 - 8;
  const waves = [
    { size: 100, delaySec: 0 },
    { size: pending - 100, delaySec: 60 },
  ];
  await prepare(db, { waves, stretchSize: 100, goOn: () => assert.fail("there are no stretches") });
  const rows = await readRows(db);
  assert.deepEqual(countRuns(rows.map(({ status }) => String(status))), { "6": 1, "0": 1 });
  assert.equal(rows.filter(({ status }) => status === 6).length, pending);
  for (const wave of [rows.slice(0, 100), rows.slice(100, pending)])
    assert.deepEqual([...new Set(Object.values(countRuns(wave.map(({ domain }) => domain))))], [1]);
});

test("a writing that may not go on ends at its next stretch", async (t) => {
  const db = await aDatabase(t);
  await anAudience(db, 4_000);
  let asked = 0;
  const goOn = async (): Promise<void> => {
    asked += 1;
    if (asked === 3) throw new Error("taken away");
  };
  await assert.rejects(prepare(db, { waves: [], stretchSize: 1_000, goOn }), /taken away/);
  assert.deepEqual(await readRows(db), []);
});

/** Of a hundred: 40 in each of two large domains, and one in each of twenty small ones; two are doubles of the first two. */
async function anAudience(db: Database, count: number): Promise<void> {
  await db.run`
    insert into nms_recipient (recipient_id, email)
    select n + 1, 'p' || case when n % 100 in (40, 41) then n - 40 else n end
                  || case when n % 100 < 80 then '@large' || n % 2 else '@small' || n % 20 end || '.test'
      from generate_series(0, ${count - 1}::int) n`;
}

function prepare(
  db: Database,
  given: { waves: { size: number; delaySec: number }[]; stretchSize: number; goOn: () => Promise<void> },
): Promise<void> {
  return db.transaction(async (tx) => {
    const totalTarget = await collectTarget(tx, everybody, excludes);
    await excludeDoubles(tx);
    await writeLedgerRows({ ...given, tx, deliveryId: 7, logDate, firstId: 1_001, totalTarget, partSize: 100 });
  });
}

function readRows(db: Database) {
  return db.rows((row) => row as { id: number; recipient: number; status: number; domain: string })`
    select broad_log_id as id, recipient_id as recipient, status, split_part(address, '@', 2) as domain
      from nms_broad_log where delivery_id = 7 order by broad_log_id`;
}

/** How many times each value begins. */
function countRuns(values: readonly string[]): Record<string, number> {
  const runs: Record<string, number> = {};
  for (const [index, value] of values.entries()) {
    if (values[index - 1] !== value) runs[value] = (runs[value] ?? 0) + 1;
  }
  return runs;
}
