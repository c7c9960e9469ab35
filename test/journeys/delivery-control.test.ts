import assert from "node:assert/strict";
import { test } from "node:test";

import { requestPause, requestResume } from "#campaign/delivery/request-pause.ts";
import { requestStop } from "#campaign/delivery/request-stop.ts";
import { broadLogStatuses, deliveryStates } from "#schemas/codes.ts";
import { assertExactLedger, untilFinishedInHaste } from "#test/support/exact-ledger.ts";
import { aRequestedDelivery, aSendingPlatform, countByAddress } from "#test/support/sending-platform.ts";
import {
  cutConnections,
  insertRecipients,
  readDelivery,
  readMessages,
  readParts,
  setReadOnly,
  setValidity,
} from "#test/support/sending-store.ts";
import type { Script } from "#test/support/scripted-smtp.ts";
import { until } from "#test/support/until.ts";
import { slowly, within } from "#test/support/within.ts";

const { sent, failed, pending, cancelled } = broadLogStatuses;
const patient = { limitMs: 60_000 };
/** Slow enough that a wish of an operator comes in the middle. */
const slow: Script = { on: { DOT: slowly(20) } };

test("a pause lets the messages under way end and begins no other; resumed, the rest leaves, each once", async (t) => {
  const { db, sink } = await aSendingPlatform(t, { before: (db) => insertRecipients(db, 500, 3), script: slow });
  const deliveryId = await aRequestedDelivery(db, { batchSize: 250 });
  await until(() => sink.messages.length >= 30, "some messages", patient);
  await requestPause(db, deliveryId);
  await until(async () => (await readDelivery(db, deliveryId)).state === deliveryStates.paused, "the pause", patient);
  const sentBefore = sink.messages.length;
  assert.ok(sentBefore < 500);
  assert.equal((await readDelivery(db, deliveryId)).success, sentBefore);
  assert.ok((await readParts(db, deliveryId)).every(({ state, childId }) => state !== "claimed" && childId === null));

  await requestResume(db, deliveryId);
  await until(async () => (await readDelivery(db, deliveryId)).state === deliveryStates.finished, "the end", patient);
  await assertExactLedger(db, sink, deliveryId, { recipients: 500 });
});

test("a stop cancels what is not sent, and the figures add up", async (t) => {
  const { db, sink } = await aSendingPlatform(t, { before: (db) => insertRecipients(db, 500, 3), script: slow });
  const deliveryId = await aRequestedDelivery(db, { batchSize: 250 });
  await until(() => sink.messages.length >= 30, "some messages", patient);
  await requestStop(db, deliveryId);
  await until(async () => (await readDelivery(db, deliveryId)).state === deliveryStates.stopped, "the stop", patient);
  const rows = await readMessages(db, deliveryId);
  assert.equal(rows.filter(({ status }) => status === sent).length, sink.messages.length);
  assert.equal(rows.filter(({ status }) => status === cancelled).length, 500 - sink.messages.length);
  assert.equal((await readDelivery(db, deliveryId)).success, sink.messages.length);
});

test("deferred messages are tried again after the retry period, failed ones are not", async (t) => {
  const attempts = new Map<string, number>();
  const { db, sink } = await aSendingPlatform(t, {
    before: (db) => insertRecipients(db, 30, 3),
    settings: { POSTRIDER_MTA_RETRY_PERIOD_SEC: "1" },
    script: {
      on: {
        RCPT: (line) => {
          const count = (attempts.get(line) ?? 0) + 1;
          attempts.set(line, count);
          if (line.includes("@d1.")) return "550 5.1.1 no such user";
          return line.includes("@d2.") && count === 1 ? "451 4.7.1 greylisted" : undefined;
        },
      },
    },
  });
  const deliveryId = await aRequestedDelivery(db);
  await until(async () => (await readDelivery(db, deliveryId)).state === deliveryStates.finished, "the end", patient);
  await assertExactLedger(db, sink, deliveryId, { recipients: 30 });
  assert.equal(sink.messages.length, 20);
  for (const { address, status, attempts: count } of await readMessages(db, deliveryId)) {
    assert.equal(status, address.endsWith("@d1.test") ? failed : sent, address);
    assert.equal(count, address.endsWith("@d2.test") ? 2 : 1, address);
  }
});

test("a message without an answer to its dot is in doubt, tried later, and flagged for ever", async (t) => {
  let isFirst = true;
  const { db, sink } = await aSendingPlatform(t, {
    before: (db) => insertRecipients(db, 20, 1),
    script: {
      on: {
        DOT: (envelope) => {
          if (!envelope.includes("r7@") || !isFirst) return undefined;
          isFirst = false;
          return { next: "close" };
        },
      },
    },
  });
  const deliveryId = await aRequestedDelivery(db);
  const doubtful = await until(
    async () => (await readMessages(db, deliveryId)).find(({ isInDoubt }) => isInDoubt),
    "the doubt",
    patient,
  );
  assert.deepEqual([doubtful.address, doubtful.status], ["r7@d1.test", pending]);
  const part = await until(
    async () => (await readParts(db, deliveryId)).find(({ state, attempts }) => state === "waiting" && attempts === 1),
    "the part to wait",
    patient,
  );
  assert.ok(part.notBefore.getTime() > Date.now() + 3_000_000, "an hour later");
  await untilFinishedInHaste(db, deliveryId);
  const row = (await readMessages(db, deliveryId)).find(({ address }) => address === "r7@d1.test");
  assert.deepEqual([row?.status, row?.isInDoubt, row?.attempts], [sent, true, 2]);
  await assertExactLedger(db, sink, deliveryId, { recipients: 20 });
});

test("at the end of its validity a delivery fails what it tried in vain", async (t) => {
  const { db, sink } = await aSendingPlatform(t, {
    before: (db) => insertRecipients(db, 10, 1),
    script: { on: { RCPT: "451 4.3.0 never today" } },
  });
  const deliveryId = await aRequestedDelivery(db);
  await until(
    async () =>
      (await readMessages(db, deliveryId)).length === 10 &&
      (await readMessages(db, deliveryId)).every((row) => row.attempts === 1),
    "the tries",
    patient,
  );
  await setValidity(db, deliveryId, new Date(Date.now() - 1_000));
  await until(async () => (await readDelivery(db, deliveryId)).state === deliveryStates.finished, "the end", patient);
  const { rows } = await assertExactLedger(db, sink, deliveryId, { recipients: 10 });
  assert.ok(rows.every(({ status }) => status === failed));
});

test("in verify mode everything is composed and recorded, and nothing leaves", async (t) => {
  const { db, sink } = await aSendingPlatform(t, {
    before: (db) => insertRecipients(db, 50, 3),
    settings: { POSTRIDER_MTA_VERIFY_MODE: "true" },
  });
  const deliveryId = await aRequestedDelivery(db);
  await until(async () => (await readDelivery(db, deliveryId)).state === deliveryStates.finished, "the end", patient);
  assert.equal((await readDelivery(db, deliveryId)).success, 50);
  assert.equal(sink.connections, 0);
});

test("children wait for a stat that is away, and go on when it is back", async (t) => {
  const platform = await aSendingPlatform(t, { before: (db) => insertRecipients(db, 20, 1) });
  const { db, sink } = platform;
  await platform.stat.end("SIGKILL");
  const deliveryId = await aRequestedDelivery(db);
  await until(
    async () => (await readParts(db, deliveryId)).some(({ state }) => state === "claimed"),
    "a claim",
    patient,
  );
  assert.equal(sink.connections, 0);
  platform.start("stat", "-instance:main");
  await until(async () => (await readDelivery(db, deliveryId)).state === deliveryStates.finished, "the end", patient);
  assert.equal(countByAddress(sink).size, 20);
});

test("two servers on one database prepare once and send each message once", async (t) => {
  const platform = await aSendingPlatform(t, { before: (db) => insertRecipients(db, 400, 5) });
  const { db, sink } = platform;
  const second = platform.start("mta", "-instance:main");
  await second.ready;
  const deliveries = await Promise.all([1, 2, 3].map(() => aRequestedDelivery(db, { batchSize: 40 })));
  for (const deliveryId of deliveries) {
    await until(async () => (await readDelivery(db, deliveryId)).state === deliveryStates.finished, "the end", patient);
    assert.deepEqual(await readDelivery(db, deliveryId), {
      state: deliveryStates.finished,
      processed: 400,
      success: 400,
      error: 0,
    });
  }
  assert.equal(sink.messages.length, 1_200);
  assert.ok([...countByAddress(sink).values()].every((count) => count === 3));
  await second.end("SIGTERM");
});

test("a database that is cut off and read-only in mid-delivery costs no message and doubles none", async (t) => {
  const { db, sink } = await aSendingPlatform(t, { before: (db) => insertRecipients(db, 500, 3), script: slow });
  const deliveryId = await aRequestedDelivery(db, { batchSize: 100 });
  await until(() => sink.messages.length >= 50, "some messages", patient);
  for (let round = 0; round < 5; round += 1) {
    const before = sink.messages.length;
    await cutConnections(db);
    await until(() => sink.messages.length > before, "further messages", patient);
  }
  await setReadOnly(db, true);
  // Our own connections are cut with the others.
  const isFinished = (): Promise<boolean> =>
    readDelivery(db, deliveryId).then(
      ({ state }) => state === deliveryStates.finished,
      () => false,
    );
  const isOver = until(isFinished, "the end", patient);
  assert.equal(await within(2_000, isOver), false, "what cannot be written cannot be finished");
  await setReadOnly(db, false);
  await isOver;
  await assertExactLedger(db, sink, deliveryId, { recipients: 500 });
});
