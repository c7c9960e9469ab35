import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";

import { type Database, openDatabase, type Statements } from "#foundation/database.ts";
import { programFolder as root } from "#foundation/home.ts";
import { addressStatuses, deliveryStates, failureReasons } from "#schemas/codes.ts";
import { aContext } from "#test/support/context.ts";
import { aDatabaseAddress } from "#test/support/database.ts";
import { aFolder } from "#test/support/temporary-folder.ts";
import { until } from "#test/support/until.ts";

import { createDelivery, type DeliveryInput } from "./create-delivery.ts";
import { partSize } from "./part-size.ts";
import { prepareDelivery } from "./prepare-delivery.ts";
import { requestPreparation } from "./request-preparation.ts";
import { requestSend } from "./request-send.ts";
import { requestStop } from "./request-stop.ts";
import type { Target } from "./target.ts";

test("each recipient of the target gets one row, excluded ones with their reason, the others domain by domain and cut into parts", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await aMixedAudience(db);
  const deliveryId = await aRequestedDelivery(db, { batchSize: 2 });

  const preparation = await prepareDelivery(context, deliveryId);
  assert.equal(preparation.kind, "ready", JSON.stringify(preparation));
  assert.deepEqual(preparation.kind === "ready" && preparation.excluded, {
    addressNotSpecified: 2,
    denylisted: 3,
    quarantined: 1,
    double: 1,
  });
  assert.deepEqual(await readLedger(db, deliveryId), [
    { recipient_id: 1, address: "a@b.test", status: 6, failure_reason: 0 },
    { recipient_id: 10, address: "Case@b.test", status: 6, failure_reason: 0 },
    { recipient_id: 3, address: "c@a.test", status: 6, failure_reason: 0 },
    { recipient_id: 11, address: "k@a.test", status: 6, failure_reason: 0 },
    { recipient_id: 2, address: "A@b.test", status: 0, failure_reason: failureReasons.double },
    { recipient_id: 4, address: "", status: 0, failure_reason: failureReasons.addressNotSpecified },
    { recipient_id: 5, address: "no address", status: 0, failure_reason: failureReasons.addressNotSpecified },
    { recipient_id: 6, address: "f@b.test", status: 0, failure_reason: failureReasons.denylisted },
    { recipient_id: 7, address: "g@b.test", status: 0, failure_reason: failureReasons.denylisted },
    { recipient_id: 8, address: "h@b.test", status: 0, failure_reason: failureReasons.denylisted },
    { recipient_id: 9, address: "i@b.test", status: 0, failure_reason: failureReasons.quarantined },
  ]);
  const [first = 0] = await readIds(db, deliveryId);
  assert.deepEqual(await readParts(db, deliveryId), [
    { first: first, last: first + 1, message_count: 2, state: "waiting" },
    { first: first + 2, last: first + 3, message_count: 2, state: "waiting" },
  ]);
  assert.deepEqual(await readCounters(db, deliveryId), {
    state: deliveryStates.ready,
    total_target: 11,
    reject: 7,
    to_deliver: 4,
    has_validity: true,
  });
});

test("a delivery that is to be sent at once goes on to wait for its start, and the mta is woken", async (t) => {
  const context = await aContext(t);
  await someRecipients(context.db, 3);
  const { deliveryId } = await createDelivery(context.db, anInput());
  const notices: string[] = [];
  const listener = await context.db.listen("postrider_delivery", (payload) => void notices.push(payload));
  t.after(() => listener.stop());
  await requestSend(context.db, deliveryId);
  await prepareDelivery(context, deliveryId);
  assert.equal((await readCounters(context.db, deliveryId)).state, deliveryStates.startPending);
  await until(() => notices.filter((payload) => payload === String(deliveryId)).length >= 2, "both notices");
});

test("a target is a group, a condition, a workflow's table, or all of these at once", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await someRecipients(db, 10);
  await db.run`insert into nms_group (group_id, name) values (1, 'vip')`;
  await db.run`insert into nms_rcp_grp_rel (group_id, recipient_id) select 1, i from generate_series(1, 5) i`;
  await db.run`create table wkf12_1 (recipient_id bigint)`;
  await db.run`insert into wkf12_1 select i from generate_series(4, 8) i union all select 4`;
  const targeted = async (target: Target): Promise<number[]> => {
    const deliveryId = await aRequestedDelivery(db, { target });
    assert.equal((await prepareDelivery(context, deliveryId)).kind, "ready");
    return (await readLedger(db, deliveryId)).map(({ recipient_id }) => recipient_id).sort((a, b) => a - b);
  };
  assert.deepEqual(await targeted({ group: "vip" }), [1, 2, 3, 4, 5]);
  assert.deepEqual(await targeted({ workTable: "wkf12_1" }), [4, 5, 6, 7, 8]);
  assert.deepEqual(await targeted({ where: "@lastName = 'Last3' or @lastName = 'Last4'" }), [3, 4]);
  assert.deepEqual(await targeted({ group: "vip", where: "@lastName <> 'Last5'", workTable: "wkf12_1" }), [4]);
});

test("content and targets that cannot be sent fail the preparation with every reason, and leave nothing", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await someRecipients(db, 2);
  const failing: [Partial<DeliveryInput>, RegExp][] = [
    [
      { subject: "", fromAddress: "", htmlSource: '<a href="https://<%= recipient.company %>/">x</a>\n<% if (x) { %>' },
      /HTML, line 1, column 10: The host.*\n.*line 2, column 15: There is no end of this \{.*\nSubject: .*\nSender: /s,
    ],
    [{ target: { group: "gone" } }, /There is no group gone/],
    [{ target: { workTable: "wkf1_2" } }, /wkf1_2 is gone/],
  ];
  for (const [given, reason] of failing) {
    const deliveryId = await aRequestedDelivery(db, given);
    const preparation = await prepareDelivery(context, deliveryId);
    assert.equal(preparation.kind, "failed");
    assert.match(preparation.kind === "failed" ? preparation.problems.join("\n") : "", reason);
    assert.equal((await readCounters(db, deliveryId)).state, deliveryStates.preparationFailed);
    assert.deepEqual(await readLedger(db, deliveryId), []);
  }
});

test("prepared again, a delivery has one ledger, of the target as it is now, and its links keep their ids", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await someRecipients(db, 20);
  const deliveryId = await aRequestedDelivery(db, {
    htmlSource: '<a href="https://a.test/">a</a><a href="https://b.test/">b</a>',
  });
  await prepareDelivery(context, deliveryId);
  const links = await readLinks(db, deliveryId);
  assert.deepEqual(
    links.map(({ source_url }) => source_url),
    ["https://a.test/", "https://b.test/"],
  );
  await db.run`delete from nms_recipient where recipient_id > 15`;
  await db.run`update nms_delivery set html_source = '<a href="https://b.test/">b</a><a href="https://c.test/">c</a>' where delivery_id = ${deliveryId}`;
  await requestPreparation(db, deliveryId);
  assert.equal((await prepareDelivery(context, deliveryId)).kind, "ready");
  assert.equal((await readLedger(db, deliveryId)).length, 15);
  const after = await readLinks(db, deliveryId);
  assert.deepEqual(
    after.map(({ source_url }) => source_url),
    ["https://b.test/", "https://c.test/"],
  );
  assert.equal(after[0]?.tracking_url_id, links[1]?.tracking_url_id);
  assert.equal(
    (await readParts(db, deliveryId)).reduce((sum, part) => sum + part.message_count, 0),
    15,
  );
});

test("two servers that prepare one delivery at once leave one ledger", async (t) => {
  const context = await aContext(t);
  await someRecipients(context.db, 500);
  const deliveryId = await aRequestedDelivery(context.db, {});
  const results = await Promise.all([1, 2, 3].map(() => prepareDelivery(context, deliveryId)));
  assert.deepEqual(results.map(({ kind }) => kind).sort(), ["busy", "busy", "ready"]);
  assert.equal((await readLedger(context.db, deliveryId)).length, 500);
});

test("deliveries prepared at once never share an id", async (t) => {
  const context = await aContext(t);
  await someRecipients(context.db, 300);
  const ids = [];
  for (let index = 0; index < 3; index += 1) ids.push(await aRequestedDelivery(context.db, {}));
  const results = await Promise.all(ids.map((deliveryId) => prepareDelivery(context, deliveryId)));
  assert.deepEqual(
    results.map(({ kind }) => kind),
    ["ready", "ready", "ready"],
  );
  const all = (await Promise.all(ids.map((deliveryId) => readIds(context.db, deliveryId)))).flat();
  assert.equal(new Set(all).size, 900);
});

test("whichever statement a preparation dies at, nothing is left, and the next one is whole", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await someRecipients(db, 30);
  let deaths = 0;
  for (let statement = 1; ; statement += 1) {
    const deliveryId = await aRequestedDelivery(db, {});
    const dying = { ...context, db: aDyingDatabase(db, statement) };
    const outcome = await prepareDelivery(dying, deliveryId).catch((error: unknown) => String(error));
    if (typeof outcome !== "string") {
      assert.equal(outcome.kind, "ready");
      break;
    }
    deaths += 1;
    assert.match(outcome, /killed/);
    assert.deepEqual(await readLedger(db, deliveryId), []);
    assert.deepEqual(await readParts(db, deliveryId), []);
    assert.deepEqual(await readLinks(db, deliveryId), []);
    // A killed process gives nothing back: another takes over when the lease is over.
    if ((await readCounters(db, deliveryId)).state !== deliveryStates.targetingPending)
      assert.equal((await prepareDelivery(context, deliveryId)).kind, "busy");
    await db.run`update nms_delivery set lease_until = now() - interval '1 second' where delivery_id = ${deliveryId}`;
    assert.equal((await prepareDelivery(context, deliveryId)).kind, "ready", `after statement ${statement}`);
    assert.equal((await readLedger(db, deliveryId)).length, 30);
    assert.equal((await readLinks(db, deliveryId)).length, 1);
  }
  assert.ok(deaths > 15, `${deaths} statements were tried`);
});

test("a preparation whose connections are cut is given back or taken over, and nothing is left of it", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await someRecipients(db, 20_000);
  const deliveryId = await aRequestedDelivery(db, {});
  const running = prepareDelivery(context, deliveryId).catch((error: unknown) => String(error));
  await until(
    async () => (await readCounters(db, deliveryId)).state > deliveryStates.counting,
    "the ledger being written",
    { stepMs: 1 },
  );
  await db.run`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null`;
  if (typeof (await running) === "string") {
    assert.deepEqual(await readLedger(db, deliveryId), []);
    await db.run`update nms_delivery set lease_until = now() - interval '1 second' where delivery_id = ${deliveryId}`;
    assert.equal((await prepareDelivery(context, deliveryId)).kind, "ready");
  }
  assert.equal((await readLedger(db, deliveryId)).length, 20_000);
});

test("a preparer that is killed outright, at several moments, leaves nothing, and the next one is whole", async (t) => {
  const address = await aDatabaseAddress(t);
  const db = openDatabase({ address, applicationName: "test", maxConnections: 5 });
  t.after(() => db.close());
  const context = await aContext(t, { db });
  await someRecipients(db, 30_000);
  const folder = aFolder(t);
  for (const state of [
    deliveryStates.counting,
    deliveryStates.arbitration,
    deliveryStates.targetReady,
    deliveryStates.personalisation,
  ]) {
    const deliveryId = await aRequestedDelivery(db, {});
    const preparer = spawn(
      process.execPath,
      [
        "--disable-warning=ExperimentalWarning",
        join(root, "test/support/prepare-process.ts"),
        address.url,
        String(deliveryId),
      ],
      {
        stdio: "ignore",
        env: { ...process.env, TMPDIR: folder },
      },
    );
    const ended = once(preparer, "exit");
    await until(async () => (await readCounters(db, deliveryId)).state >= state, "the preparation to come so far", {
      stepMs: 2,
    });
    preparer.kill("SIGKILL");
    await ended;
    await until(async () => (await countSessions(db)) === 0, "the server to notice", { stepMs: 5 });
    if ((await readCounters(db, deliveryId)).state !== deliveryStates.ready) {
      assert.deepEqual(await readIds(db, deliveryId), []);
      await db.run`update nms_delivery set lease_until = now() - interval '1 second' where delivery_id = ${deliveryId}`;
      assert.equal((await prepareDelivery(context, deliveryId)).kind, "ready");
    }
    assert.equal((await readIds(db, deliveryId)).length, 30_000);
    assert.equal(
      (await readParts(db, deliveryId)).reduce((sum, part) => sum + part.message_count, 0),
      30_000,
    );
  }
});

test("a preparation that is stopped leaves the delivery as it was edited", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await someRecipients(db, 100);
  const deliveryId = await aRequestedDelivery(db, {});
  const stopping = {
    ...context,
    db: anInterruptedDatabase(db, /insert into nms_broad_log/, async () => void (await requestStop(db, deliveryId))),
  };
  assert.equal((await prepareDelivery(stopping, deliveryId)).kind, "cancelled");
  assert.equal((await readCounters(db, deliveryId)).state, deliveryStates.edited);
  assert.deepEqual(await readLedger(db, deliveryId), []);
});

test("a preparer that slept past its lease cannot end what another has taken over", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  await someRecipients(db, 50);
  const deliveryId = await aRequestedDelivery(db, {});
  let takenOver: Promise<unknown> = Promise.resolve();
  const sleepy = {
    ...context,
    db: anInterruptedDatabase(db, /insert into nms_delivery_part/, async () => {
      await db.run`update nms_delivery set lease_until = now() - interval '1 second' where delivery_id = ${deliveryId}`;
      takenOver = prepareDelivery(context, deliveryId);
      await takenOver;
    }),
  };
  assert.equal((await prepareDelivery(sleepy, deliveryId)).kind, "cancelled");
  assert.equal(((await takenOver) as { kind: string }).kind, "ready");
  assert.equal((await readLedger(db, deliveryId)).length, 50);
});

test("a target nobody is left of is prepared, with nothing to send", async (t) => {
  const context = await aContext(t);
  const deliveryId = await aRequestedDelivery(context.db, {});
  const preparation = await prepareDelivery(context, deliveryId);
  assert.equal(preparation.kind === "ready" && preparation.toDeliver, 0);
  assert.deepEqual(await readParts(context.db, deliveryId), []);
});

test("automatic parts have a sixteenth of the delivery's messages, from 8 to 256", () => {
  assert.deepEqual(
    [1, 128, 1_000, 4_096, 5_000_000].map((size) => partSize(size, 0)),
    [8, 8, 63, 256, 256],
  );
  assert.equal(partSize(1_000_000, 1_000), 1_000);
});

function anInput(given: Partial<DeliveryInput> = {}): DeliveryInput {
  return {
    label: "Test",
    subject: "Hello",
    fromAddress: "news@shop.test",
    htmlSource: "<a href=\"https://shop.test/\">shop</a> <%@ include view='UnsubscriptionLink' %>",
    target: { all: true },
    ...given,
  };
}

async function aRequestedDelivery(db: Database, given: Partial<DeliveryInput>): Promise<number> {
  const { deliveryId } = await createDelivery(db, anInput(given));
  await requestPreparation(db, deliveryId);
  return deliveryId;
}

async function someRecipients(db: Database, count: number): Promise<void> {
  await db.run`insert into nms_recipient (recipient_id, email, email_key, last_name)
               select i, 'r' || i || '@d' || i % 7 || '.test', 'r' || i || '@d' || i % 7 || '.test', 'Last' || i from generate_series(1, ${count}::integer) i`;
}

async function aMixedAudience(db: Database): Promise<void> {
  await db.run`
    insert into nms_recipient (recipient_id, email, email_key, black_list, black_list_email) values
      (1, 'a@b.test', 'a@b.test', false, false), (2, 'A@b.test', 'a@b.test', false, false), (3, 'c@a.test', 'c@a.test', false, false),
      (4, null, null, false, false), (5, 'no address', null, false, false), (6, 'f@b.test', 'f@b.test', true, false),
      (7, 'g@b.test', 'g@b.test', false, true), (8, 'h@b.test', 'h@b.test', false, false), (9, 'i@b.test', 'i@b.test', false, false),
      (10, 'Case@b.test', 'case@b.test', false, false), (11, 'k@a.test', 'k@a.test', false, false)`;
  await db.run`
    insert into nms_address (address, status) values ('h@b.test', ${addressStatuses.denylisted}), ('i@b.test', ${addressStatuses.quarantined}),
      ('case@b.test', ${addressStatuses.quarantined}), ('k@a.test', ${addressStatuses.allowlisted}), ('c@a.test', ${addressStatuses.withErrors})`;
}

/** A database that fails every statement from the n-th on, as one does for a process that is killed. */
function aDyingDatabase(db: Database, from: number): Database {
  let count = 0;
  return intercepted(db, () => {
    count += 1;
    return count >= from ? Promise.reject(Object.assign(new Error("killed"), { code: "57P01" })) : Promise.resolve();
  });
}

/** A database that lets something happen before the first statement that matches. */
function anInterruptedDatabase(db: Database, pattern: RegExp, happening: () => Promise<void>): Database {
  let isOver = false;
  return intercepted(db, async (text) => {
    if (isOver || !pattern.test(text)) return;
    isOver = true;
    await happening();
  });
}

function intercepted(db: Database, before: (text: string) => Promise<void>): Database {
  const wrap = (inner: Statements): Statements => ({
    ...inner,
    rows:
      (parse) =>
      async (strings, ...values) => {
        await before(strings.join("?"));
        return inner.rows(parse)(strings, ...values);
      },
    first:
      (parse) =>
      async (strings, ...values) => {
        await before(strings.join("?"));
        return inner.first(parse)(strings, ...values);
      },
    run: async (strings, ...values) => {
      await before(strings.join("?"));
      return inner.run(strings, ...values);
    },
  });
  return { ...db, ...wrap(db), transaction: (work) => db.transaction((tx) => work(wrap(tx))) };
}

/** Those to be sent to in the order of their ids, then those excluded in the order of the recipients. */
function readLedger(db: Database, deliveryId: number) {
  return db.rows((row) => row as { recipient_id: number; address: string; status: number; failure_reason: number })`
    select recipient_id, address, status, failure_reason from nms_broad_log where delivery_id = ${deliveryId}
     order by status desc, case when status = 6 then broad_log_id else recipient_id end`;
}

async function countSessions(db: Database): Promise<number | undefined> {
  return db.first(
    (row) => (row as { count: number }).count,
  )`select count(*) as count from pg_stat_activity where application_name = 'prepare-process'`;
}

function readIds(db: Database, deliveryId: number): Promise<number[]> {
  return db.rows(
    (row) => (row as { id: number }).id,
  )`select broad_log_id as id from nms_broad_log where delivery_id = ${deliveryId} order by 1`;
}

function readParts(db: Database, deliveryId: number) {
  return db.rows((row) => row as { first: number; last: number; message_count: number; state: string })`
    select first_broad_log_id as first, last_broad_log_id as last, message_count, state from nms_delivery_part
     where delivery_id = ${deliveryId} order by 1`;
}

function readLinks(db: Database, deliveryId: number) {
  return db.rows((row) => row as { tracking_url_id: number; source_url: string })`
    select tracking_url_id, source_url from nms_tracking_url where delivery_id = ${deliveryId} order by 1`;
}

async function readCounters(db: Database, deliveryId: number) {
  const counters = await db.first(
    (row) => row as { state: number; total_target: number; reject: number; to_deliver: number; has_validity: boolean },
  )`
    select state, total_target, reject, to_deliver, validity_date > now() + interval '4 days' as has_validity from nms_delivery where delivery_id = ${deliveryId}`;
  assert.ok(counters);
  return counters;
}
