import assert from "node:assert/strict";
import { test } from "node:test";

import { createDelivery } from "#campaign/delivery/create-delivery.ts";
import { requestSend } from "#campaign/delivery/request-send.ts";
import { updateStructure } from "#campaign/structure/update-structure.ts";
import { runDefinition } from "#datamodel/catalog-store.ts";
import type { Database } from "#foundation/database.ts";
import { deliveryStates } from "#schemas/codes.ts";
import { aJobHost } from "#test/support/job-process.ts";
import { aList, countRecipients, waitingForLocks } from "#test/support/lists.ts";
import { columnsOf, storeSource } from "#test/support/schema-store.ts";
import { aSendingPlatform } from "#test/support/sending-platform.ts";
import { insertRecipients, readDelivery } from "#test/support/sending-store.ts";
import { until } from "#test/support/until.ts";
import { tableRows } from "#test/support/writer.ts";

/** Fields that would be in the way of whoever inserts rows without knowing them. */
const recipientFields = `<key name="number"><keyfield xpath="@customerNumber"/></key>
  <attribute name="customerNumber" type="long" required="true"/><attribute name="memberSince" type="date" required="true"/>
  <attribute name="loyaltyLevel" type="byte"/><attribute name="motto" type="string"/>
  <element name="score"><attribute name="points" type="long"/></element><attribute name="shoeSize" type="short" xml="true"/>`;

const logFields =
  '<attribute name="campaignCode" type="string" required="true"/><dbindex name="code"><keyfield xpath="@campaignCode"/></dbindex>';

async function storeExtensions(db: Database): Promise<void> {
  for (const [name, members] of [
    ["recipient", recipientFields],
    ["broadLogRcp", logFields],
    ["delivery", '<attribute name="budgetCode" type="string" required="true"/>'],
    ["trackingLogRcp", '<attribute name="rating" type="long"/>'],
  ] as const)
    await storeSource(
      db,
      name,
      `<srcSchema namespace="cus" name="${name}" extendedSchema="nms:${name}"><element name="${name}">${members}</element></srcSchema>`,
    );
}

test("a delivery goes out on extended tables, chosen and worded by the fields that were added while the modules run", async (t) => {
  const { db, sink } = await aSendingPlatform(t, { before: (db) => insertRecipients(db, 40, 3) });
  await storeExtensions(db);
  await updateStructure(db, { mayLose: false });
  await runDefinition(
    db,
    "update nms_recipient set cus_loyalty_level = 2, cus_motto = 'Tea & <b>', cus_score_points = recipient_id where recipient_id % 2 = 0",
  );
  const content =
    "<%= recipient.firstName %>: <%= recipient.motto %>, level <%= recipient.loyaltyLevel %>, <%= recipient.score.points %> points";
  const { deliveryId } = await createDelivery(db, {
    label: "A delivery",
    subject: "Level <%= recipient.loyaltyLevel %>",
    fromAddress: "news@example.org",
    htmlSource: `<p>${content}</p>`,
    textSource: content,
    target: { all: true },
  });
  // As the writer stores it, which knows the fields of the instance.
  const target = JSON.stringify({ where: "@loyaltyLevel = 2 AND [score/@points] > 0" });
  await runDefinition(db, `update nms_delivery set target = '${target}' where delivery_id = ${deliveryId}`);
  await requestSend(db, deliveryId);
  await until(
    async () => (await readDelivery(db, deliveryId)).state === deliveryStates.finished,
    "the delivery to be finished",
    {
      limitMs: 60_000,
    },
  );
  assert.equal(sink.messages.length, 20);
  const [message] = sink.messages;
  const text = (message?.content.toString("utf8") ?? "").replaceAll("=\r\n", "").replaceAll("=20", " ");
  assert.match(text, /^Subject: Level 2\r$/m);
  assert.match(text, /Reader \d+: Tea &amp; &lt;b&gt;, level 2, \d+ points/);
  assert.deepEqual(await tableRows(db, "nms_broad_log", "count(*) as rows, count(cus_campaign_code) as codes"), [
    [20, 20],
  ]);
});

test("a list is imported into a table with required fields and a key that the list does not know", async (t) => {
  const host = await aJobHost(t);
  await storeExtensions(host.db);
  const update = await host.run("config", "-updatedb");
  assert.equal(update.code, 0, update.errors);
  const list = aList(t, "email,first name\nann@example.com,Ann\nbob@example.com,Bob\ncy@example.com,Cy\n");
  for (const expected of [/^ +3 {2}recipients inserted$/m, /^ +3 {2}recipients unchanged$/m]) {
    const report = await host.run("import", `-file:${list}`);
    assert.equal(report.code, 0, report.errors);
    assert.match(report.output, expected);
  }
  assert.equal(await countRecipients(host.db), 3);
});

test("an update that is killed in the middle leaves nothing behind, and the next one does it all", async (t) => {
  const host = await aJobHost(t);
  const { db } = host;
  await storeExtensions(db);
  await db.transaction(async (tx) => {
    await runDefinition(tx, "lock table nms_recipient in access share mode");
    const update = host.start("config", "-updatedb");
    await until(async () => (await waitingForLocks(db)) > 0, "the update to be in the middle", { limitMs: 30_000 });
    update.child.kill("SIGKILL");
    await update.ended;
  });
  const leftovers = async (): Promise<unknown[][]> => [
    ...(await tableRows(db, "pg_namespace", "nspname, 1", "nspname like 'expected%'")),
    ...(
      await Promise.all(
        ["nms_recipient", "nms_broad_log", "nms_delivery"].map((table) => columnsOf(db, table, "cus_%")),
      )
    ).filter((columns) => columns.length > 0),
    ...(await tableRows(db, "xtk_src_schema", "name, applied", "applied_document is not null")),
  ];
  assert.deepEqual(await leftovers(), []);
  const update = await host.run("config", "-updatedb");
  assert.equal(update.code, 0, update.errors);
  assert.match(update.output, /main: changed its tables by \d+ statements/);
});

test("a table that is in use ends the update with advice, and with nothing changed", async (t) => {
  const host = await aJobHost(t);
  await storeExtensions(host.db);
  await host.db.transaction(async (tx) => {
    await runDefinition(tx, "lock table nms_recipient in row exclusive mode");
    const update = await host.run("config", "-updatedb");
    assert.notEqual(update.code, 0);
    assert.match(
      update.errors,
      /^postrider: The structure was not changed: 'alter table .*' had to wait.*quieter moment/m,
    );
    assert.doesNotMatch(update.errors, /\n +at /);
  });
  assert.deepEqual(await columnsOf(host.db, "nms_delivery", "cus_%"), []);
});
