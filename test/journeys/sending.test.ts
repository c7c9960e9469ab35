import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { broadLogStatuses, deliveryStates } from "#schemas/codes.ts";
import { aRequestedDelivery, aSendingPlatform, countByAddress, listChildren } from "#test/support/sending-platform.ts";
import { insertRecipients, readDelivery, readMessages, readParts } from "#test/support/sending-store.ts";
import { until } from "#test/support/until.ts";
import { slowly } from "#test/support/within.ts";

const finished = deliveryStates.finished;
const patient = { limitMs: 60_000 };

test("a delivery is prepared, started, sent and finished; each recipient has one message", async (t) => {
  const { db, sink, home } = await aSendingPlatform(t, {
    before: (db) => insertRecipients(db, 300, 7),
    settings: { POSTRIDER_MTA_CHILD_IDLE_CHILD_TIMEOUT_SEC: "1" },
  });
  const deliveryId = await aRequestedDelivery(db, { batchSize: 50 });
  await until(
    async () => (await readDelivery(db, deliveryId)).state === finished,
    "the delivery to be finished",
    patient,
  );
  assert.deepEqual(await readDelivery(db, deliveryId), { state: finished, processed: 300, success: 300, error: 0 });
  assert.equal(sink.messages.length, 300);
  assert.equal(countByAddress(sink).size, 300);
  assert.ok(
    (await readMessages(db, deliveryId)).every(
      ({ status, attempts }) => status === broadLogStatuses.sent && attempts === 1,
    ),
  );
  assert.ok((await readParts(db, deliveryId)).every(({ state }) => state === "done"));
  // An idle child takes its journal with it.
  await until(() => readdirSync(join(home.var, "main", "mta", "journal")).length === 0, "the child to end");
});

test("a child killed in mid-delivery loses nobody, and doubles at most one message for each session", async (t) => {
  const recipients = 600;
  const { db, sink, mta } = await aSendingPlatform(t, {
    before: (db) => insertRecipients(db, recipients, 5),
    script: { on: { DOT: slowly(5) } },
  });
  const deliveryId = await aRequestedDelivery(db, { batchSize: 100 });
  let openAtKills = 0;
  for (const share of [0.2, 0.45, 0.7]) {
    await until(() => sink.messages.length >= recipients * share, `${share * 100} % of the messages`, patient);
    const [child] = await until(() => listChildren(mta.pid).length > 0 && listChildren(mta.pid), "a child");
    openAtKills += sink.openConnections;
    process.kill(child ?? 0, "SIGKILL");
  }
  await until(
    async () => (await readDelivery(db, deliveryId)).state === finished,
    "the delivery to be finished",
    patient,
  );

  const counts = countByAddress(sink);
  assert.equal(counts.size, recipients, "nobody is lost");
  const doubled = sink.messages.length - recipients;
  assert.ok(doubled <= openAtKills, `${doubled} doubled, ${openAtKills} sessions open`);
  assert.ok([...counts.values()].every((count) => count <= 4));
  assert.deepEqual(await readDelivery(db, deliveryId), {
    state: finished,
    processed: recipients,
    success: recipients,
    error: 0,
  });
  for (const [address, count] of counts) {
    if (count < 2) continue;
    const ids = sink.messages
      .filter(({ to }) => to === address)
      .map(({ content }) => /^Message-ID: (.*)\r$/im.exec(content.toString("latin1"))?.[1]);
    assert.equal(new Set(ids).size, 1, "each copy has the same Message-ID");
  }
});

test("SIGTERM in mid-delivery doubles nothing, and the next server goes on", async (t) => {
  const recipients = 400;
  const platform = await aSendingPlatform(t, {
    before: (db) => insertRecipients(db, recipients, 5),
    script: { on: { DOT: slowly(5) } },
  });
  const { db, sink, mta } = platform;
  const deliveryId = await aRequestedDelivery(db, { batchSize: 100 });
  await until(() => sink.messages.length >= 100, "some messages", patient);
  await mta.end("SIGTERM");
  assert.equal((await mta.ended).code, 0);
  assert.ok(sink.messages.length < recipients);
  assert.ok((await readParts(db, deliveryId)).every(({ state }) => state !== "claimed"));
  assert.equal((await readDelivery(db, deliveryId)).success, sink.messages.length);

  const next = platform.start("mta", "-instance:main");
  await until(
    async () => (await readDelivery(db, deliveryId)).state === finished,
    "the delivery to be finished",
    patient,
  );
  assert.equal(sink.messages.length, recipients);
  assert.equal(countByAddress(sink).size, recipients);
  await next.end("SIGTERM");
});

test("a server and its children killed together lose nobody", async (t) => {
  const recipients = 300;
  const platform = await aSendingPlatform(t, {
    before: (db) => insertRecipients(db, recipients, 5),
    script: { on: { DOT: slowly(5) } },
  });
  const { db, sink, mta } = platform;
  const deliveryId = await aRequestedDelivery(db, { batchSize: 50 });
  await until(() => sink.messages.length >= 100, "some messages", patient);
  const openAtKill = sink.openConnections;
  const children = listChildren(mta.pid);
  process.kill(mta.pid, "SIGKILL");
  for (const pid of children) process.kill(pid, "SIGKILL");
  await mta.ended;

  const next = platform.start("mta", "-instance:main");
  await until(
    async () => (await readDelivery(db, deliveryId)).state === finished,
    "the delivery to be finished",
    patient,
  );
  assert.equal(countByAddress(sink).size, recipients);
  assert.ok(sink.messages.length - recipients <= openAtKill);
  assert.equal((await readDelivery(db, deliveryId)).success, recipients);
  await next.end("SIGTERM");
});
