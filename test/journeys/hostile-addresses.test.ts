/** S-33: addresses that would be more than one recipient, or more than an address, by the front door and by the back. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { importRecipients } from "#campaign/transfer/import-recipients.ts";
import { broadLogStatuses } from "#schemas/codes.ts";
import { aContext } from "#test/support/context.ts";
import { untilFinished } from "#test/support/exact-ledger.ts";
import { aList, countRecipients } from "#test/support/lists.ts";
import { aRequestedDelivery, aSendingPlatform } from "#test/support/sending-platform.ts";
import { insertAddresses, readMessages } from "#test/support/sending-store.ts";

const hostile = [
  '"a@evil.example x"@inner.example',
  "<a@evil.example>,<b@evil.example>",
  "a@evil.example,b@evil.example",
  "a@inner.example\r\nRCPT TO:<b@evil.example>",
  "a@inner.example\nRCPT TO:<b@evil.example>",
  "a@inner.example> NOTIFY=SUCCESS,FAILURE",
  "a@inner.example>\r\nDATA",
  "a(comment)@inner.example",
  "a b@inner.example",
  "group: a@evil.example, b@evil.example;",
  "outer:inner: a@evil.example;;",
  "a@evil.example@inner.example",
  "Name <a@evil.example>",
  `${"x".repeat(300)}@inner.example`,
  "a@[127.0.0.1]",
  "a\u2028b@inner.example",
  "a@inner.example\u0085RCPT",
];
const good = ["ann@inner.example", "bob.o'neil+tag@inner.example"];

test("an import takes none of them, and says so of each", async (t) => {
  const context = await aContext(t);
  const lines = [...hostile, ...good].map((address) => `"${address.replaceAll('"', '""')}"\n`);
  const report = await importRecipients(
    context,
    { file: aList(t, `email\n${lines.join("")}`) },
    { signal: new AbortController().signal, onProgress: undefined },
  );
  assert.deepEqual([report.inserted, report.rejected], [good.length, hostile.length]);
  assert.equal(await countRecipients(context.db), good.length);
});

test("those that are in the database all the same are not sent to: one RCPT TO for each good one, nothing else", async (t) => {
  const { db, sink } = await aSendingPlatform(t, {
    before: (db) => insertAddresses(db, [...hostile, ...good]),
    settings: { POSTRIDER_MTA_CHILD_IDLE_CHILD_TIMEOUT_SEC: "1" },
  });
  const deliveryId = await aRequestedDelivery(db);
  await untilFinished(db, deliveryId);
  assert.deepEqual(
    sink.commands.filter((line) => line.startsWith("RCPT")).sort(),
    good.map((address) => `RCPT TO:<${address}>`),
  );
  assert.ok(sink.commands.every((line) => !line.includes("evil")));
  assert.deepEqual(sink.messages.map(({ to }) => to).sort(), good);
  const sent = (await readMessages(db, deliveryId)).filter(({ status }) => status === broadLogStatuses.sent);
  assert.deepEqual(
    sent.map(({ address }) => address),
    good,
  );
});
