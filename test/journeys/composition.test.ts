import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import PostalMime from "postal-mime";

import { createDkimKey } from "#campaign/content/dkim/create-key.ts";
import { recordName, recordText } from "#campaign/content/dkim/dkim-record.ts";
import { rotateDkimKeys } from "#campaign/content/dkim/rotate-keys.ts";
import { createDelivery } from "#campaign/delivery/create-delivery.ts";
import { requestSend } from "#campaign/delivery/request-send.ts";
import { instanceFolder } from "#foundation/home.ts";
import { loadSecrets } from "#foundation/secrets.ts";
import { addComposition, addFormatRule, nameRecipients } from "#test/support/composition-store.ts";
import { untilFinished } from "#test/support/exact-ledger.ts";
import { assertSafeWire, verdictsOf } from "#test/support/message.ts";
import { aSendingPlatform } from "#test/support/sending-platform.ts";
import { insertRecipients } from "#test/support/sending-store.ts";

test("F36: dots, commands and bare line breaks in fields and content arrive as one mail each, signed rightly", async (t) => {
  const names = [
    "a\n.\nMAIL FROM:<x@y.test>\nRCPT TO:<z@y.test>\nDATA\n",
    "b\r\n.\r\nQUIT\r\n",
    ".",
    "c\r.\rd",
    "x".repeat(1_100),
  ];
  const { db, sink, home } = await aSendingPlatform(t, {
    before: async (given) => {
      await insertRecipients(given, names.length, 1);
      await nameRecipients(given, names);
    },
  });
  const now = new Date();
  const key = await createDkimKey(
    { db, secrets: loadSecrets(home), now },
    { domain: "example.org", algorithm: "ed25519" },
  );
  await rotateDkimKeys({ db, now, lookUp: undefined }, { domain: "example.org" });
  const { deliveryId } = await createDelivery(db, {
    label: "Smuggled",
    subject: "Hi <%= recipient.firstName %>",
    fromAddress: "news@example.org",
    textSource: `<%= recipient.firstName %>\n.\n${"y".repeat(2_000)}\r.\rRSET\n..\n<%= recipient.firstName %>`,
    target: { all: true },
  });
  await requestSend(db, deliveryId);
  await untilFinished(db, deliveryId);

  assert.equal(sink.messages.length, names.length);
  assert.equal(new Set(sink.messages.map(({ to }) => to)).size, names.length);
  for (const { content, from } of sink.messages) {
    assertSafeWire(content);
    assert.match(from, /^b-/);
    assert.deepEqual(await verdictsOf(content, { [recordName(key)]: recordText(key) }), ["pass"]);
    const mail = await PostalMime.parse(content);
    assert.equal(mail.headers.filter(({ key: name }) => name === "subject").length, 1);
    assert.match(mail.text ?? "", /\n\.\ny{2000}[\r\n]+\.[\r\n]+RSET\n\.\.\n/);
  }
});

test("a delivery with files, images, headers and two keys arrives whole, and each domain gets its format", async (t) => {
  const { db, sink, home } = await aSendingPlatform(t, { before: (db) => insertRecipients(db, 14, 7) });
  const secrets = loadSecrets(home);
  const now = new Date();
  const keys = [
    await createDkimKey({ db, secrets, now }, { domain: "example.org", algorithm: "rsa" }),
    await createDkimKey({ db, secrets, now }, { domain: "example.org", algorithm: "ed25519" }),
  ];
  await rotateDkimKeys({ db, now, lookUp: undefined }, { domain: "example.org" });
  const picture = Buffer.from("GIF89a-in-whole");
  const md5 = createHash("md5").update(picture).digest("hex");
  writeFileSync(join(instanceFolder(home, "main", "upload"), `${md5}.gif`), picture);
  const { deliveryId } = await createDelivery(db, {
    label: "Composed",
    subject: "Überraschung für <%= recipient.firstName %>",
    fromAddress: "news@mail.example.org",
    htmlSource: '<p>Dear <%= recipient.firstName %></p><img src="cid:LOGO"><a href="https://example.org/">look</a>',
    textSource: "亲爱的 <%= recipient.firstName %>，您好。".repeat(10),
    target: { all: true },
  });
  await addComposition(db, deliveryId, {
    file: { internalName: "LOGO", fileName: "logo.gif", md5 },
    data: {
      "mailParameters/headers": "X-Customer: <%= recipient.firstName %>\nPrecedence: list",
      "mailParameters/replyName": "Zoë",
      "mailParameters/attachments": [{ file: "LOGO", name: "株式会社.gif" }],
    },
  });
  await addFormatRule(db, { mask: "d1.*", mimeStructure: 2 });
  await requestSend(db, deliveryId);
  await untilFinished(db, deliveryId);

  assert.equal(sink.messages.length, 14);
  const records = Object.fromEntries(keys.map((key) => [recordName(key), recordText(key)]));
  for (const { content, to } of sink.messages) {
    assertSafeWire(content);
    assert.deepEqual(await verdictsOf(content, records), ["pass", "pass"], to);
    const mail = await PostalMime.parse(content);
    assert.match(mail.subject ?? "", /^Überraschung für Reader \d+$/);
    assert.match(mail.headers.find(({ key }) => key === "x-customer")?.value ?? "", /^Reader \d+$/);
    assert.deepEqual(
      mail.headers.filter(({ key }) => key === "precedence").map(({ value }) => value),
      ["list"],
    );
    const isText = to.includes("@d1.");
    assert.deepEqual(
      mail.attachments.map(({ filename }) => filename),
      isText ? ["株式会社.gif"] : ["logo.gif", "株式会社.gif"],
    );
    for (const { content: bytes } of mail.attachments) assert.deepEqual(Buffer.from(bytes as ArrayBuffer), picture);
    assert.equal(mail.html === undefined || mail.html === "", isText);
    assert.ok((mail.text ?? "").startsWith("亲爱的 "));
  }
});
