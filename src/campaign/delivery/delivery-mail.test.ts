import assert from "node:assert/strict";
import { test } from "node:test";

import PostalMime from "postal-mime";

import { composeMessage } from "#campaign/content/compose-message.ts";
import type { Context } from "#foundation/module.ts";
import { aMessageRecipient } from "#test/support/compiled-delivery.ts";
import { aContext } from "#test/support/context.ts";

import { createDelivery, type DeliveryInput } from "./create-delivery.ts";
import { loadDelivery } from "./load-delivery.ts";
import { prepareDelivery } from "./prepare-delivery.ts";
import { requestPreparation } from "./request-preparation.ts";

test("the options name the sender where a delivery names none, and its settings make the other headers", async (t) => {
  const context = await aContext(t, { settings: '[mta]\nprecedence = "none"\nxMailer = "Shop $(PRODUCT_VERSION)"\n' });
  await setOptions(context, {
    NmsEmail_DefaultFromAddr: "news@shop.test",
    NmsEmail_FromName: "Shop",
    NmsEmail_DefaultReplyToAddr: "help@shop.test",
    NmsEmail_ReplyToName: "Help",
    NmsDelivery_FromAddressMasks: "*@shop.test, *@*.shop.test",
  });
  const { deliveryId, preparation } = await prepared(
    context,
    { fromAddress: "" },
    { "mailParameters/errorAddress": "errors@shop.test", "mailParameters/headers": "X-Shop: 1" },
  );
  assert.equal(preparation.kind, "ready");
  const delivery = await loadDelivery(context, deliveryId);
  const message = await composeMessage(delivery, aMessageRecipient(delivery), new Date());
  const mail = await PostalMime.parse(message.content);
  assert.deepEqual(mail.from, { address: "news@shop.test", name: "Shop" });
  assert.deepEqual(mail.replyTo, [{ address: "help@shop.test", name: "Help" }]);
  assert.equal(message.envelope.from, "errors@shop.test");
  const values = Object.fromEntries(mail.headers.map(({ key, value }) => [key, value]));
  assert.equal(values["x-shop"], "1");
  assert.match(values["x-mailer"] ?? "", /^Shop \d/);
  assert.equal(values["precedence"], undefined);
});

test("what an option forbids, what is not there and what is no header ends the preparation with its reasons", async (t) => {
  const context = await aContext(t);
  await setOptions(context, {
    NmsDelivery_FromAddressMasks: "*@shop.test",
    NmsDelivery_ErrorAddressMasks: "*@shop.test",
  });
  const { preparation } = await prepared(
    context,
    { fromAddress: "eve@evil.test" },
    {
      "mailParameters/errorAddress": "eve@evil.test",
      "mailParameters/headers": "X-Ok: 1\nBcc: x@y.test",
      "mailParameters/attachments": [{ file: "GONE" }],
    },
  );
  assert.equal(preparation.kind, "failed");
  const told = preparation.kind === "failed" ? preparation.problems.join("\n") : "";
  assert.match(told, /^Sender: The address eve@evil\.test fits none of the masks of NmsDelivery_FromAddressMasks/m);
  assert.match(told, /^Error address: .*NmsDelivery_ErrorAddressMasks/m);
  assert.match(told, /^Additional headers, line 2, column 1: The header Bcc may not be set here/m);
  assert.match(told, /^Attachments: The file GONE is not there/m);
});

async function prepared(context: Context, given: Partial<DeliveryInput>, data: Readonly<Record<string, unknown>>) {
  const { deliveryId } = await createDelivery(context.db, {
    label: "Test",
    subject: "Hello",
    fromAddress: "news@shop.test",
    htmlSource: "<p>Hi</p>",
    target: { all: true },
    ...given,
  });
  await context.db
    .run`update nms_delivery set data = data || ${JSON.stringify(data)}::jsonb where delivery_id = ${deliveryId}`;
  await requestPreparation(context.db, deliveryId);
  return { deliveryId, preparation: await prepareDelivery(context, deliveryId) };
}

async function setOptions({ db }: Context, options: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(options))
    await db.run`insert into xtk_option (name, data_type, string_value) values (${name}, 6, ${value})`;
}
