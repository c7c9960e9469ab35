import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test, type TestContext } from "node:test";

import PostalMime from "postal-mime";

import { composeMessage } from "#campaign/content/compose-message.ts";
import { instanceFolder } from "#foundation/home.ts";
import type { Context } from "#foundation/module.ts";
import { deliveryStates } from "#schemas/codes.ts";
import { aMessageRecipient } from "#test/support/compiled-delivery.ts";
import { aContext } from "#test/support/context.ts";
import { anUpload } from "#test/support/uploads.ts";

import { createDelivery } from "./create-delivery.ts";
import { settleStop } from "./finish-delivery.ts";
import { loadDelivery } from "./load-delivery.ts";
import { prepareDelivery } from "./prepare-delivery.ts";
import { requestPreparation } from "./request-preparation.ts";

test("a delivery has the files that it was prepared with, whatever becomes of the uploads; prepared anew it has those of today", async (t) => {
  const { context, deliveryId } = await aPreparedDelivery(t);
  const { db } = context;
  await anUpload(context, "PRICES", "prices.txt", "12 EUR");
  await db.run`delete from xtk_file_res where internal_name = 'LOGO'`;
  rmSync(instanceFolder(context.home, context.instance, "upload"), { recursive: true });
  assert.deepEqual(await readMail(context, deliveryId), { "prices.txt": "10 EUR", "logo.png": "png bytes" });

  await anUpload(context, "PRICES", "prices.txt", "13 EUR");
  await anUpload(context, "LOGO", "logo.png", "other bytes");
  await db.run`update nms_delivery set state = ${deliveryStates.edited} where delivery_id = ${deliveryId}`;
  await prepare(context, deliveryId);
  assert.deepEqual(await readMail(context, deliveryId), { "prices.txt": "13 EUR", "logo.png": "other bytes" });
});

test("a delivery whose kept file is gone or changed fails before anything more is sent, and says which file", async (t) => {
  for (const damage of ["delete from", "update"] as const) {
    const { context, deliveryId } = await aPreparedDelivery(t);
    const { db } = context;
    await db.run`update nms_delivery set state = ${deliveryStates.inProgress} where delivery_id = ${deliveryId}`;
    if (damage === "update") await db.run`update nms_delivery_file set content = 'x' where internal_name = 'PRICES'`;
    else await db.run`delete from nms_delivery_file where internal_name = 'PRICES'`;
    await assert.rejects(loadDelivery(context, deliveryId), { code: "DLV-100017", message: /copy of the file PRICES/ });
    assert.deepEqual(await readState(context, deliveryId), {
      state: deliveryStates.stopRequested,
      names_the_file: true,
    });
    await settleStop(db, deliveryId);
    assert.equal((await readState(context, deliveryId)).state, deliveryStates.failed);
    assert.equal(await countFiles(context), 0, "what is over keeps no files");
  }
});

test("a delivery that was prepared before files were kept reads the uploads", async (t) => {
  const { context, deliveryId } = await aPreparedDelivery(t);
  await context.db.run`update nms_delivery set included_files = null where delivery_id = ${deliveryId}`;
  await context.db.run`delete from nms_delivery_file`;
  assert.deepEqual(await readMail(context, deliveryId), { "prices.txt": "10 EUR", "logo.png": "png bytes" });
});

test("a preparation that fails keeps no files", async (t) => {
  const context = await aContext(t);
  await anUpload(context, "PRICES", "prices.txt", "10 EUR");
  const deliveryId = await aDelivery(context, [{ file: "PRICES" }, { file: "GONE" }]);
  await requestPreparation(context.db, deliveryId);
  assert.equal((await prepareDelivery(context, deliveryId)).kind, "failed");
  assert.equal(await countFiles(context), 0);
});

async function aPreparedDelivery(t: TestContext): Promise<{ context: Context; deliveryId: number }> {
  const context = await aContext(t);
  await context.db.run`insert into nms_recipient (email, email_key) values ('ann@shop.test', 'ann@shop.test')`;
  await anUpload(context, "PRICES", "prices.txt", "10 EUR");
  await anUpload(context, "LOGO", "logo.png", "png bytes");
  const deliveryId = await aDelivery(context, [{ file: "PRICES" }]);
  await prepare(context, deliveryId);
  return { context, deliveryId };
}

async function aDelivery({ db }: Context, attachments: readonly { readonly file: string }[]): Promise<number> {
  const { deliveryId } = await createDelivery(db, {
    label: "Prices",
    subject: "Prices",
    fromAddress: "news@shop.test",
    htmlSource: '<p>Hi <img src="cid:LOGO"></p>',
    target: { all: true },
  });
  await db.run`
    update nms_delivery set data = data || ${JSON.stringify({ "mailParameters/attachments": attachments })}::jsonb where delivery_id = ${deliveryId}`;
  return deliveryId;
}

async function prepare(context: Context, deliveryId: number): Promise<void> {
  await requestPreparation(context.db, deliveryId);
  const preparation = await prepareDelivery(context, deliveryId);
  assert.equal(preparation.kind, "ready", JSON.stringify(preparation));
}

/** The files of a message, by name. */
async function readMail(context: Context, deliveryId: number): Promise<Record<string, string>> {
  const delivery = await loadDelivery(context, deliveryId);
  const { content } = await composeMessage(delivery, aMessageRecipient(delivery), new Date());
  const { attachments } = await PostalMime.parse(content, { attachmentEncoding: "utf8" });
  return Object.fromEntries(
    attachments.map((file) => [file.filename ?? "", typeof file.content === "string" ? file.content : ""]),
  );
}

async function readState({ db }: Context, deliveryId: number) {
  const row = await db.first((raw) => raw as { state: number; names_the_file: boolean })`
    select state, coalesce(failure_text like '%PRICES%', false) as names_the_file from nms_delivery where delivery_id = ${deliveryId}`;
  return row ?? { state: -1, names_the_file: false };
}

async function countFiles({ db }: Context): Promise<number | undefined> {
  return db.first((row) => (row as { count: number }).count)`select count(*) as count from nms_delivery_file`;
}
