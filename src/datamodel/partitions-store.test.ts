import assert from "node:assert/strict";
import { test } from "node:test";

import { aDatabase } from "#test/support/database.ts";

import { ensurePartitions } from "./partitions-store.ts";

test("the partitions of three months are made once, and a year's end is crossed", async (t) => {
  const db = await aDatabase(t);
  const now = new Date("2027-11-30T23:00:00Z");
  assert.deepEqual(await ensurePartitions(db, now), [
    "nms_broad_log_202711",
    "nms_broad_log_202712",
    "nms_broad_log_202801",
    "nms_tracking_log_202711",
    "nms_tracking_log_202712",
    "nms_tracking_log_202801",
  ]);
  assert.deepEqual(await ensurePartitions(db, now), []);
  await db.run`insert into nms_broad_log (broad_log_id, log_date, delivery_id, recipient_id) values (1, '2027-12-31', 1, 1)`;
  const table = await db.first(
    (row) => (row as { name: string }).name,
  )`select tableoid::regclass::text as name from nms_broad_log`;
  assert.equal(table, "nms_broad_log_202712");
});

test("two processes may make them at once", async (t) => {
  const db = await aDatabase(t);
  const now = new Date("2027-05-01T00:00:00Z");
  const made = await Promise.all([ensurePartitions(db, now), ensurePartitions(db, now), ensurePartitions(db, now)]);
  assert.equal(made.flat().length, 6);
});

test("a month whose rows lie in the default partition is left there", async (t) => {
  const db = await aDatabase(t);
  await db.run`insert into nms_broad_log (broad_log_id, log_date, delivery_id, recipient_id) values (1, '2027-06-15', 1, 1)`;
  const made = await ensurePartitions(db, new Date("2027-05-01T00:00:00Z"));
  assert.equal(made.includes("nms_broad_log_202706"), false);
  assert.equal(made.length, 5);
});
