import assert from "node:assert/strict";
import { test } from "node:test";

import PostalMime from "postal-mime";

import type { Database } from "#foundation/database.ts";
import { broadLogStatuses, deliveryStates } from "#schemas/codes.ts";
import {
  aRequestedDelivery,
  aSendingPlatform,
  countByAddress,
  isRunning,
  listChildren,
} from "#test/support/sending-platform.ts";
import { insertRecipients, readDelivery, readFailure, readMessages, readParts } from "#test/support/sending-store.ts";
import { until } from "#test/support/until.ts";

const patient = { limitMs: 90_000 };
const { sent, failed, cancelled } = broadLogStatuses;

async function untilState(db: Database, deliveryId: number, state: keyof typeof deliveryStates): Promise<void> {
  await until(
    async () => (await readDelivery(db, deliveryId)).state === deliveryStates[state],
    `${state} of ${deliveryId}`,
    patient,
  );
}

test("each recipient gets the message that the scripts make for it, and who they fail for fails alone", async (t) => {
  const { db, sink } = await aSendingPlatform(t, { before: (db) => insertRecipients(db, 300, 3) });
  const deliveryId = await aRequestedDelivery(db, {
    batchSize: 120,
    htmlSource:
      "<p><% var number = Number(recipient.firstName.split(' ')[1]);\nif (number == 7) recipient.firstName.nothing.at();\nif (number % 2) { %>odd<% } else { %>even<% } %> " +
      '<b><%= number * 2 %></b><% for (const n of [1, 2]) { %> <a href="https://example.org/<%= n %>?x=<%= number %>">x</a><% } %></p>',
    textSource: "<%= recipient.firstName.toUpperCase() %>",
  });
  await untilState(db, deliveryId, "finished");
  assert.equal(sink.messages.length, 299);
  for (const { to, content } of sink.messages.slice(0, 50)) {
    const number = Number(/^r(\d+)@/.exec(to)?.[1]);
    const mail = await PostalMime.parse(content);
    assert.match(mail.html ?? "", new RegExp(`<p>${number % 2 ? "odd" : "even"} <b>${number * 2}</b>`));
    assert.equal(mail.html?.match(/href="/g)?.length, 2);
    assert.equal(mail.text?.trim(), `READER ${number}`);
  }
  const rows = await readMessages(db, deliveryId);
  assert.deepEqual(
    rows.filter(({ status }) => status === failed).map(({ address }) => address),
    ["r7@d2.test"],
  );
});

test("scripts that loop, fill the memory or hang in one call fail their delivery with the line, and nothing else (S-37)", async (t) => {
  const platform = await aSendingPlatform(t, {
    before: (db) => insertRecipients(db, 400, 4),
    settings: { POSTRIDER_PERSONALIZATION_TIME_LIMIT_SEC: "1", POSTRIDER_PERSONALIZATION_MEMORY_MB: "64" },
  });
  const { db, sink, mta } = platform;
  const hostile = (code: string): string => `<p>\n<% if (recipient.firstName == 'Reader 250') {\n${code}\n} %>x</p>`;
  const plain = await aRequestedDelivery(db, { textSource: "plain" });
  const looping = await aRequestedDelivery(db, { batchSize: 100, htmlSource: hostile("for (;;) {}") });
  const filling = await aRequestedDelivery(db, {
    batchSize: 100,
    htmlSource: hostile("for (var a = [];;) a.push(new ArrayBuffer(1e6));"),
  });
  const atOnce = await aRequestedDelivery(db, { htmlSource: "<p>\n\n<% while (true) {} %></p>" });
  const reading = await aRequestedDelivery(db, {
    htmlSource: "<p><%= require('fs').readFileSync('/etc/passwd') %></p>",
  });
  const calling = await aRequestedDelivery(db, { htmlSource: "<p>\n<% fetch('https://example.org') %></p>" });
  const giving = await aRequestedDelivery(db, { htmlSource: "<p>\n<%= ({}) %></p>" });
  const scripted = await aRequestedDelivery(db, { textSource: "<%= 'fine ' + recipient.firstName %>" });

  for (const deliveryId of [plain, scripted]) {
    await untilState(db, deliveryId, "finished");
    assert.equal((await readDelivery(db, deliveryId)).success, 400);
  }
  for (const [deliveryId, problem] of [
    [looping, /html, line \d, column \d+: It ran longer than 1 s/],
    [filling, /html, line \d, column \d+: It needs more than 64 MB/],
  ] as const) {
    await untilState(db, deliveryId, "failed");
    const { text, errors } = await readFailure(db, deliveryId);
    assert.match(text, problem);
    assert.deepEqual(errors, [text]);
    const rows = await readMessages(db, deliveryId);
    assert.ok(
      rows.every(({ status }) => status === sent || status === cancelled),
      JSON.stringify(rows.slice(0, 3)),
    );
    assert.ok(rows.some(({ address, status }) => address === "r250@d3.test" && status === cancelled));
    assert.ok((await readParts(db, deliveryId)).every(({ state }) => state === "done" || state === "cancelled"));
    assert.equal((await readDelivery(db, deliveryId)).success, rows.filter(({ status }) => status === sent).length);
  }
  for (const [deliveryId, problem] of [
    [atOnce, /^HTML, line 3, column \d+: It ran longer than 1 s/],
    [reading, /^HTML, line 1, column \d+: ReferenceError: 'require' is not defined/],
    [calling, /^HTML, line 2, column \d+: ReferenceError: 'fetch' is not defined/],
    [giving, /^HTML, line 2, column \d+: TypeError: The expression gives an object/],
  ] as const) {
    await untilState(db, deliveryId, "preparationFailed");
    assert.match((await readFailure(db, deliveryId)).text, problem);
  }
  assert.ok(Math.max(...countByAddress(sink).values()) <= 4);
  assert.ok(isRunning(mta.pid));
  assert.ok(listChildren(mta.pid).length > 0);
});
