import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import PostalMime from "postal-mime";

import { composeMessage } from "#campaign/content/compose-message.ts";
import type { Database } from "#foundation/database.ts";
import type { Context } from "#foundation/module.ts";
import { deliveryStates } from "#schemas/codes.ts";
import { aContext, aHome } from "#test/support/context.ts";
import { aDatabase } from "#test/support/database.ts";

import { createDelivery, type DeliveryInput } from "./create-delivery.ts";
import { expireDeliveries, finishDelivery, settlePause, settleStop } from "./finish-delivery.ts";
import { listTrackingUrls } from "./list-tracking-urls.ts";
import { loadDelivery } from "./load-delivery.ts";
import { readPendingMessages } from "./pending-message-store.ts";
import { prepareDelivery } from "./prepare-delivery.ts";
import { requestPause, requestResume } from "./request-pause.ts";
import { requestPreparation } from "./request-preparation.ts";
import { requestSend } from "./request-send.ts";
import { requestStop } from "./request-stop.ts";
import type { Target } from "./target.ts";

test("a delivery is stored once under its name, and what cannot be stored is refused with the reason", async (t) => {
  const db = await aDatabase(t);
  const first = await createDelivery(db, anInput({ internalName: "newsletter-1" }));
  assert.equal(first.isNew, true);
  assert.deepEqual(await createDelivery(db, anInput({ internalName: "newsletter-1", label: "again" })), {
    deliveryId: first.deliveryId,
    isNew: false,
  });
  const unnamed = await createDelivery(db, anInput({}));
  assert.equal(
    await db.first(
      (row) => (row as { n: string }).n,
    )`select internal_name as n from nms_delivery where delivery_id = ${unnamed.deliveryId}`,
    `DM${unnamed.deliveryId}`,
  );

  const refused: [Partial<DeliveryInput>, RegExp][] = [
    [{ label: " " }, /label/],
    [{ internalName: "1 bad" }, /internal name/],
    [{ fromAddress: "a@b.test\r\nBcc: x@y.test" }, /sender address/],
    [{ replyToAddress: "nobody" }, /reply address/],
    [{ batchSize: -1 }, /batch size/],
    [{ priority: 1.5 }, /priority/],
    [{ contactDate: new Date("2027-01-02"), validityDate: new Date("2027-01-01") }, /validity/],
    [{ htmlSource: "a\0b" }, /NUL/],
    [{ target: {} }, /empty/],
    [{ target: { all: true, group: "x" } }, /alone/],
    [{ target: { workTable: "nms_recipient" } }, /no table of a workflow/],
    [{ target: { workTable: 'wkf1_1"; drop table nms_recipient; --' } }, /no table of a workflow/],
    [{ target: { everyone: true } as Target }, /no condition named everyone/],
    [{ target: { where: "@nothing = 1" } }, /nothing/],
  ];
  for (const [given, reason] of refused)
    await assert.rejects(createDelivery(db, anInput(given)), reason, JSON.stringify(given));
});

test("a wish is carried out from the states that allow it, may be repeated, and is refused with the state otherwise", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  const deliveryId = await aPreparedDelivery(context, 20);
  assert.equal(await requestSend(db, deliveryId), "startPending");
  assert.equal(await requestSend(db, deliveryId), "startPending");
  await setState(db, deliveryId, "inProgress");
  assert.equal(await requestSend(db, deliveryId), "inProgress");
  await assert.rejects(requestPreparation(db, deliveryId), { code: "DLV-100004" });
  await assert.rejects(requestResume(db, await aPreparedDelivery(context, 0)), /cannot be resumed: its state is ready/);

  await db.run`update nms_delivery_part set state = 'claimed' where delivery_part_id = (select min(delivery_part_id) from nms_delivery_part where delivery_id = ${deliveryId})`;
  assert.equal(await requestPause(db, deliveryId), "pauseRequested");
  assert.equal(await settlePause(db, deliveryId), false);
  await db.run`update nms_delivery_part set state = 'waiting' where delivery_id = ${deliveryId}`;
  assert.equal(await settlePause(db, deliveryId), true);
  assert.equal(await requestPause(db, deliveryId), "paused");
  await assert.rejects(requestSend(db, deliveryId), { code: "DLV-100004" });
  assert.equal(await requestResume(db, deliveryId), "startPending");
  await assert.rejects(requestSend(db, 999_999), { code: "DLV-100001" });
});

test("a stop takes back what waits at once, and cancels what is not sent once the children have finished", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  const deliveryId = await aPreparedDelivery(context, 30);
  await setState(db, deliveryId, "inProgress");
  await db.run`update nms_delivery_part set state = 'claimed' where delivery_part_id = (select min(delivery_part_id) from nms_delivery_part where delivery_id = ${deliveryId})`;
  assert.equal(await requestStop(db, deliveryId), "stopRequested");
  assert.equal(await settleStop(db, deliveryId), false);
  assert.deepEqual(await countParts(db, deliveryId), { cancelled: 3, claimed: 1 });
  await db.run`update nms_broad_log set status = 1 where delivery_id = ${deliveryId} and broad_log_id in
               (select generate_series(first_broad_log_id, last_broad_log_id) from nms_delivery_part where delivery_id = ${deliveryId} and state = 'claimed')`;
  await db.run`update nms_delivery_part set state = 'done' where delivery_id = ${deliveryId} and state = 'claimed'`;
  assert.equal(await settleStop(db, deliveryId), true);
  assert.deepEqual(await countStatuses(db, deliveryId), { 1: 8, 7: 22 });
  assert.equal(await requestStop(db, deliveryId), "stopped");
  assert.equal(await settleStop(db, deliveryId), false);
});

test("a delivery is finished when no part is open, and only then", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  const deliveryId = await aPreparedDelivery(context, 10);
  await setState(db, deliveryId, "inProgress");
  assert.equal(await finishDelivery(db, deliveryId), false);
  await db.run`update nms_delivery_part set state = 'done' where delivery_id = ${deliveryId}`;
  assert.deepEqual((await Promise.all([finishDelivery(db, deliveryId), finishDelivery(db, deliveryId)])).sort(), [
    false,
    true,
  ]);
  assert.equal(await readState(db, deliveryId), deliveryStates.finished);
});

test("at the end of its validity what was tried has failed as unreachable, and the rest is cancelled", async (t) => {
  const context = await aContext(t);
  const { db } = context;
  const deliveryId = await aPreparedDelivery(context, 10);
  await setState(db, deliveryId, "inProgress");
  await db.run`update nms_broad_log set attempts = 3 where delivery_id = ${deliveryId} and broad_log_id % 2 = 0`;
  const end = new Date(Date.now() + 6 * 86_400_000);
  assert.deepEqual(await expireDeliveries(db, new Date()), []);
  await db.run`update nms_delivery_part set state = 'claimed' where delivery_part_id = (select min(delivery_part_id) from nms_delivery_part where delivery_id = ${deliveryId})`;
  assert.deepEqual(await expireDeliveries(db, end), []);
  await db.run`update nms_delivery_part set state = 'waiting' where delivery_id = ${deliveryId} and state = 'claimed'`;
  assert.deepEqual(await expireDeliveries(db, end), [deliveryId]);
  assert.deepEqual(await countStatuses(db, deliveryId), { 2: 5, 7: 5 });
  const counters = await db.first(
    (row) => row,
  )`select state, processed, success, error from nms_delivery where delivery_id = ${deliveryId}`;
  assert.deepEqual(counters, { state: deliveryStates.finished, processed: 5, success: 0, error: 5 });
});

test("a prepared delivery is loaded, its messages read and composed with the key of the settings", async (t) => {
  const home = aHome(t);
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(join(home.conf, "dkim.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
  const context = await aContext(t, {
    home,
    settings:
      '[instance]\npublicUrl = "https://mail.shop.test"\n[dkim]\ndomain = "shop.test"\nselector = "s1"\nprivateKeyFile = "dkim.pem"\n',
  });
  const deliveryId = await aPreparedDelivery(context, 12, {
    subject: "Hello <%= recipient.lastName %>",
    htmlSource:
      "<p><%= recipient.birthDate %></p><a href='https://shop.test/'>x</a><%@ include view='UnsubscriptionLink' %>",
    replyToAddress: "help@shop.test",
  });
  const delivery = await loadDelivery(context, deliveryId);
  assert.deepEqual(delivery.columns.toSorted(), ["birth_date", "last_name"]);
  assert.deepEqual(
    (await listTrackingUrls(context.db, deliveryId)).map(({ id, url }) => [id > 1000, url]),
    [
      [false, ""],
      [false, ""],
      [true, "https://shop.test/"],
    ],
  );
  const [part] = await context.db.rows((row) => row as { first: number; last: number })`
    select first_broad_log_id as first, last_broad_log_id as last from nms_delivery_part where delivery_id = ${deliveryId} order by 1`;
  assert.ok(part);
  await context.db.run`update nms_broad_log set status = 1 where broad_log_id = ${part.first}`;
  await context.db
    .run`delete from nms_recipient where recipient_id = (select recipient_id from nms_broad_log where broad_log_id = ${part.last})`;
  const messages = await readPendingMessages(context.db, delivery, {
    firstBroadLogId: part.first,
    lastBroadLogId: part.last,
  });
  assert.deepEqual(
    messages.map(({ broadLogId }) => broadLogId),
    Array.from({ length: 7 }, (_, index) => part.first + 1 + index),
  );
  assert.deepEqual(messages.at(-1)?.fields, [null, null]);

  const [first] = messages;
  assert.ok(first);
  const message = await composeMessage(delivery, first, new Date());
  const mail = await PostalMime.parse(message.content);
  assert.equal(mail.subject, `Hello Last${first.recipientId}`);
  assert.match(mail.html ?? "", /<p>1990-01-02<\/p><a href='https:\/\/mail\.shop\.test\/r\/\?id=h/);
  const record = `v=DKIM1; k=rsa; p=${publicKey.export({ type: "spki", format: "der" }).toString("base64")}`;
  const { results } = await dkimVerify(message.content, { resolver: () => Promise.resolve([[record]]) });
  assert.equal(results[0]?.status.result, "pass");
});

test("content changed behind the preparation is not sent, since its links would lead nowhere", async (t) => {
  const context = await aContext(t);
  const deliveryId = await aPreparedDelivery(context, 1);
  await context.db
    .run`update nms_delivery set html_source = '<a href="https://other.test/">x</a>' where delivery_id = ${deliveryId}`;
  await assert.rejects(loadDelivery(context, deliveryId), { code: "CNT-100002" });
  const { deliveryId: unprepared } = await createDelivery(context.db, anInput({}));
  await assert.rejects(loadDelivery(context, unprepared), { code: "DLV-100006" });
});

test("a key that cannot be used is told with the setting to correct", async (t) => {
  const context = await aContext(t, { settings: '[dkim]\ndomain = "shop.test"\nprivateKeyFile = "missing.pem"\n' });
  const deliveryId = await aPreparedDelivery(context, 1);
  await assert.rejects(loadDelivery(context, deliveryId), /missing\.pem cannot be read.*dkim/s);
});

function anInput(given: Partial<DeliveryInput>): DeliveryInput {
  return {
    label: "Test",
    subject: "Hello",
    fromAddress: "news@shop.test",
    htmlSource: '<a href="https://shop.test/">x</a>',
    target: { all: true },
    ...given,
  };
}

async function aPreparedDelivery(
  context: Context,
  recipients: number,
  given: Partial<DeliveryInput> = {},
): Promise<number> {
  await context.db.run`truncate nms_recipient`;
  await context.db.run`insert into nms_recipient (recipient_id, email, email_key, last_name, birth_date)
                       select i, 'r' || i || '@d.test', 'r' || i || '@d.test', 'Last' || i, '1990-01-02' from generate_series(1, ${recipients}::integer) i`;
  const { deliveryId } = await createDelivery(context.db, anInput(given));
  await requestPreparation(context.db, deliveryId);
  assert.equal((await prepareDelivery(context, deliveryId)).kind, "ready");
  return deliveryId;
}

function setState(db: Database, deliveryId: number, state: keyof typeof deliveryStates): Promise<number> {
  return db.run`update nms_delivery set state = ${deliveryStates[state]} where delivery_id = ${deliveryId}`;
}

function readState(db: Database, deliveryId: number): Promise<number | undefined> {
  return db.first(
    (row) => (row as { state: number }).state,
  )`select state from nms_delivery where delivery_id = ${deliveryId}`;
}

async function countStatuses(db: Database, deliveryId: number): Promise<Record<string, number>> {
  const rows = await db.rows(
    (row) => row as { status: number; count: number },
  )`select status, count(*) as count from nms_broad_log where delivery_id = ${deliveryId} group by 1`;
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

async function countParts(db: Database, deliveryId: number): Promise<Record<string, number>> {
  const rows = await db.rows(
    (row) => row as { state: string; count: number },
  )`select state, count(*) as count from nms_delivery_part where delivery_id = ${deliveryId} group by 1`;
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}
