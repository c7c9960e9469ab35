/** Hits become log rows, sums and indicators, once. */

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import type { Database } from "#foundation/database.ts";
import { aDatabase } from "#test/support/database.ts";

import { consolidateHits } from "./consolidate-hits.ts";
import { isMachine } from "./recognize-machine.ts";
import type { HitBatch, TrackedHit } from "./tracked-hit.ts";
import { forgetCursors, listCursors } from "./tracking-store.ts";

const rules = { consolidationPeriodSec: 300, dedupOpenPeriodSec: 60 };
const start = new Date("2026-11-21T10:00:00Z");
const deliveryId = 5_001;

/** A delivery with messages 1 to 9 to recipients 101 to 109. */
async function aDelivery(t: TestContext, db?: Database, id = deliveryId): Promise<Database> {
  const database = db ?? (await aDatabase(t));
  const logDate = `2026-11-${10 + (id % 10)}`;
  await database.run`insert into nms_delivery (delivery_id, internal_name, log_date) values (${id}, ${`D${id}`}, ${logDate})`;
  await database.run`
    insert into nms_broad_log (broad_log_id, log_date, delivery_id, recipient_id) select n, ${logDate}, ${id}, 100 + n from generate_series(1, 9) n`;
  await database.run`insert into nms_recipient (recipient_id, email) select 100 + n, 'r' || n || '@example.org' from generate_series(1, 9) n on conflict do nothing`;
  return database;
}

function hit(broadLogId: number, urlId: number, afterSec = 0, more: Partial<TrackedHit> = {}): TrackedHit {
  return {
    time: new Date(start.getTime() + afterSec * 1_000),
    broadLogId,
    deliveryId,
    urlId,
    urlType: urlId === 1 ? 2 : urlId === 2 ? 3 : 1,
    contentType: "h",
    visitorId: "",
    userAgent: "Mozilla/5.0",
    sourceAddress: "192.0.2.7",
    ...more,
  };
}

let files = 0;
function aBatch(...hits: TrackedHit[]): HitBatch {
  files += 1;
  return { source: "http://127.0.0.1:7780", file: `file-${files}`, fromOffset: 0, toOffset: 1_000, hits };
}

async function indicators(db: Database, id = deliveryId): Promise<number[]> {
  const row = await db.first((found) => found as Record<string, number>)`
    select recipient_open, total_recipient_open, recipient_click, total_recipient_click, opt_out from nms_delivery where delivery_id = ${id}`;
  return Object.values(row ?? {});
}

/** The same figures by counting the rows, by Classic's formulas. */
async function recounted(db: Database, id = deliveryId): Promise<number[]> {
  const row = await db.first((found) => found as Record<string, number>)`
    select count(distinct broad_log_id) as a, count(*) filter (where tracking_url_id = 1) as b, count(distinct broad_log_id) filter (where url_type = 1) as c,
           count(*) filter (where url_type = 1) as d, count(*) filter (where url_type = 3) as e
      from nms_tracking_log where delivery_id = ${id} and (not is_machine or tracking_url_id = 2)`;
  return Object.values(row ?? {});
}

const countRows = (db: Database): Promise<number | undefined> =>
  db.first((row) => (row as { n: number }).n)`select count(*) as n from nms_tracking_log`;

test("opens and clicks are counted in all and per reader, and a click implies an open", async (t) => {
  const db = await aDelivery(t);
  const first = await consolidateHits(
    db,
    aBatch(hit(1, 1), hit(1, 1_001, 5), hit(1, 1_001, 9), hit(2, 1_002), hit(3, 1)),
    rules,
  );
  assert.deepEqual(first, { storedHits: 5, repeatedHits: 0, orphanHits: 0, optOuts: 0 });
  assert.deepEqual(await indicators(db), [3, 2, 2, 3, 0]);
  await consolidateHits(db, aBatch(hit(1, 1, 3_600), hit(3, 1_001, 60), hit(2, 1_001, 60), hit(4, 1)), rules);
  assert.deepEqual(await indicators(db), [4, 4, 3, 5, 0]);
  assert.deepEqual(await indicators(db), await recounted(db));
});

test("Classic's worked example of the documentation gives its figures", async (t) => {
  const db = await aDelivery(t);
  const [marie, florian, henry] = [2, 3, 4];
  const clicks = (reader: number, count: number, visitorId: string): TrackedHit[] =>
    Array.from({ length: count }, (_, index) => hit(reader, 1_001, index, { visitorId }));
  await consolidateHits(
    db,
    aBatch(
      hit(marie, 1),
      hit(florian, 1),
      ...clicks(florian, 9, "f"),
      ...clicks(florian, 2, "g"),
      ...clicks(henry, 4, ""),
    ),
    rules,
  );
  assert.deepEqual(await indicators(db), [3, 2, 2, 15, 0]);
});

test("a row keeps what is known of the hit, with the recipient of the message", async (t) => {
  const db = await aDelivery(t);
  const userAgent = 'Mozilla\\x1b "é"\t\\N';
  await consolidateHits(
    db,
    aBatch(
      hit(7, 1_001, 0, { visitorId: "v", userAgent }),
      hit(77, 1, 0, { contentType: "t", userAgent: "", sourceAddress: "" }),
    ),
    rules,
  );
  const rows = await db.rows((row) => row as object)`
    select log_date, delivery_id, tracking_url_id, url_type, broad_log_id, recipient_id, content_type, source_id, source_address, user_agent, is_machine
      from nms_tracking_log order by broad_log_id`;
  const common = { log_date: start, delivery_id: deliveryId, is_machine: false };
  assert.deepEqual(rows, [
    {
      ...common,
      tracking_url_id: 1_001,
      url_type: 1,
      broad_log_id: 7,
      recipient_id: 107,
      content_type: "h",
      source_id: "v",
      source_address: "192.0.2.7",
      user_agent: userAgent,
    },
    {
      ...common,
      tracking_url_id: 1,
      url_type: 2,
      broad_log_id: 77,
      recipient_id: 0,
      content_type: "t",
      source_id: null,
      source_address: null,
      user_agent: null,
    },
  ]);
});

test("an open that comes soon after another of the same message is dropped, within a batch and across batches", async (t) => {
  const db = await aDelivery(t);
  const first = await consolidateHits(db, aBatch(hit(1, 1, 0), hit(1, 1, 59), hit(1, 1, 200), hit(2, 1, 10)), rules);
  assert.deepEqual([first.storedHits, first.repeatedHits], [3, 1]);
  const second = await consolidateHits(db, aBatch(hit(1, 1, 259), hit(1, 1, 400), hit(1, 1, -500)), rules);
  assert.deepEqual([second.storedHits, second.repeatedHits], [2, 1]);
  assert.deepEqual(await indicators(db), [2, 5, 0, 0, 0]);
  const all = await consolidateHits(db, aBatch(hit(1, 1, 400), hit(1, 1, 400)), { ...rules, dedupOpenPeriodSec: 0 });
  assert.equal(all.storedHits, 2);
});

test("hits are summed per link and period of five minutes", async (t) => {
  const db = await aDelivery(t);
  await consolidateHits(db, aBatch(hit(1, 1_001, 0), hit(2, 1_001, 299), hit(3, 1_001, 300), hit(3, 1, 0)), rules);
  await consolidateHits(db, aBatch(hit(4, 1_001, 10)), rules);
  const rows = await db.rows((row) => Object.values(row as object))`
    select tracking_url_id, extract(epoch from period_start - ${start}::timestamptz)::integer, total_clicks from nms_tracking_stats order by 1, 2`;
  assert.deepEqual(rows, [
    [1, 0, 1],
    [1_001, 0, 3],
    [1_001, 300, 1],
  ]);
});

test("an unsubscription deny-lists the recipient and counts once, however often it is sent", async (t) => {
  const db = await aDelivery(t);
  const first = await consolidateHits(
    db,
    aBatch(hit(5, 2), hit(5, 2, 1), hit(6, 2, 2, { userAgent: "Proofpoint" })),
    rules,
  );
  assert.deepEqual(first, { storedHits: 2, repeatedHits: 1, orphanHits: 0, optOuts: 2 });
  const second = await consolidateHits(db, aBatch(hit(5, 2, 9_000)), rules);
  assert.deepEqual(second, { storedHits: 0, repeatedHits: 1, orphanHits: 0, optOuts: 0 });
  assert.equal((await indicators(db))[4], 2);
  const denied = await db.rows((row) => (row as { recipient_id: number }).recipient_id)`
    select recipient_id from nms_recipient where black_list_email order by recipient_id`;
  assert.deepEqual(denied, [105, 106]);
});

test("a link that the sender marked as opt-out counts as one, but changes nothing by itself", async (t) => {
  const db = await aDelivery(t);
  await consolidateHits(db, aBatch(hit(5, 1_009, 0, { urlType: 3 })), rules);
  assert.deepEqual(await indicators(db), [1, 0, 0, 0, 1]);
  assert.equal(
    await db.first((row) => (row as { n: number }).n)`select count(*) as n from nms_recipient where black_list_email`,
    0,
  );
});

test("hits of machines are kept and flagged, and count for nothing", async (t) => {
  const db = await aDelivery(t);
  await consolidateHits(
    db,
    aBatch(
      hit(1, 1_001, 0, { userAgent: "Mozilla/5.0 (compatible; bingbot/2.0)" }),
      hit(1, 1, 1, { userAgent: "Barracuda Sentinel (EE)" }),
    ),
    rules,
  );
  assert.deepEqual(await indicators(db), [0, 0, 0, 0, 0]);
  await consolidateHits(db, aBatch(hit(1, 1, 2)), rules);
  assert.deepEqual(await indicators(db), [1, 1, 0, 0, 0]);
  assert.deepEqual(await indicators(db), await recounted(db));
  assert.equal(await countRows(db), 3);
});

test("readers and proxies that act for them are no machines", () => {
  for (const agent of [
    "",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
    "GoogleImageProxy",
    "YahooMailProxy; https://help.yahoo.com",
    "Thunderbird/140.0",
    "curl/8.5.0",
  ]) {
    assert.equal(isMachine(agent), false, agent);
  }
});

test("hits of a delivery that is gone are left out and counted", async (t) => {
  const db = await aDelivery(t);
  const result = await consolidateHits(db, aBatch(hit(1, 1), hit(1, 1, 0, { deliveryId: 9_999 })), rules);
  assert.deepEqual(result, { storedHits: 1, repeatedHits: 0, orphanHits: 1, optOuts: 0 });
});

test("the same stretch of a file is stored once, and the next one goes on behind it", async (t) => {
  const db = await aDelivery(t);
  const batch = aBatch(hit(1, 1));
  await consolidateHits(db, batch, rules);
  await assert.rejects(consolidateHits(db, batch, rules), { code: "TRK-100001", mayRetry: true });
  await assert.rejects(consolidateHits(db, { ...batch, fromOffset: 500 }, rules), { code: "TRK-100001" });
  await assert.rejects(consolidateHits(db, { ...batch, file: "other", fromOffset: 500 }, rules), {
    code: "TRK-100001",
  });
  await consolidateHits(db, { ...batch, fromOffset: 1_000, toOffset: 2_000, hits: [hit(2, 1)] }, rules);
  await consolidateHits(db, { ...batch, fromOffset: 2_000, toOffset: 2_500, hits: [] }, rules);
  assert.equal((await listCursors(db)).get(batch.file), 2_500);
  assert.equal(await countRows(db), 2);
});

test("nothing of a batch stays when it fails in the middle", async (t) => {
  const db = await aDelivery(t);
  await db.run`alter table nms_recipient add constraint no_opt_out check (not black_list_email)`;
  const batch = aBatch(hit(1, 1), hit(1, 2));
  await assert.rejects(consolidateHits(db, batch, rules));
  assert.deepEqual([await countRows(db), await indicators(db), (await listCursors(db)).size], [0, [0, 0, 0, 0, 0], 0]);
});

test("distinct counts stay exact when batches of one delivery are stored side by side", async (t) => {
  const db = await aDelivery(t);
  await aDelivery(t, db, deliveryId + 1);
  const batches = Array.from({ length: 40 }, (_, index) => {
    const other = { deliveryId: deliveryId + (index % 2) };
    return aBatch(
      ...Array.from({ length: 30 }, (__, n) =>
        hit((n % 9) + 1, n % 3 === 0 ? 1 : 1_001, index * 1_000 + n * 100, other),
      ),
    );
  });
  await Promise.all(batches.map((batch) => consolidateHits(db, batch, rules)));
  for (const id of [deliveryId, deliveryId + 1]) assert.deepEqual(await indicators(db, id), await recounted(db, id));
  assert.equal((await indicators(db))[0], 9);
});

test("cursors of files that are gone are forgotten a month later, and others are not", async (t) => {
  const db = await aDelivery(t);
  await db.run`
    insert into nms_tracking_cursor (source, file, last_modified)
    values ('s', 'gone', now() - interval '31 days'), ('s', 'there', now() - interval '31 days'), ('s', 'just gone', now())`;
  assert.equal(await forgetCursors(db, ["there"]), 1);
  assert.deepEqual([...(await listCursors(db)).keys()].sort(), ["just gone", "there"]);
});

test("opens, clicks and unsubscriptions of seed addresses become rows and count for nothing", async (t) => {
  const db = await aDelivery(t);
  await db.run`update nms_broad_log set seed_member_id = 5, recipient_id = 0 where broad_log_id in (1, 2)`;
  await consolidateHits(db, aBatch(hit(1, 1), hit(1, 1_001, 5), hit(2, 2, 9), hit(3, 1, 9)), rules);
  assert.equal(await countRows(db), 4);
  assert.deepEqual(await indicators(db), [1, 1, 0, 0, 0]);
  const sums = await db.first(
    (row) => (row as { n: number }).n,
  )`select coalesce(sum(total_clicks), 0)::int as n from nms_tracking_stats`;
  assert.equal(sums, 1);
});
