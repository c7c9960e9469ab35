import assert from "node:assert/strict";
import { test } from "node:test";

import { requestPause, requestResume } from "#campaign/delivery/request-pause.ts";
import { requestRetry } from "#campaign/delivery/request-retry.ts";
import { deliveryStates } from "#schemas/codes.ts";
import { aDatabase } from "#test/support/database.ts";
import { readPreparedParts } from "#test/support/preparation-store.ts";
import { aPendingPart, readDelivery, readParts } from "#test/support/sending-store.ts";

import { hurryRetries, listWaitingDeliveries, startDelivery } from "./delivery-store.ts";

test("a delivery starts once its contact date has come, and not before", async (t) => {
  const db = await aDatabase(t);
  const { deliveryId } = await aPendingPart(db, 1);
  await db.run`
    update nms_delivery set state = ${deliveryStates.startPending}, contact_date = now() + interval '1 hour' where delivery_id = ${deliveryId}`;
  assert.deepEqual(await listWaitingDeliveries(db), []);
  await db.run`update nms_delivery set contact_date = now() where delivery_id = ${deliveryId}`;
  assert.deepEqual(await listWaitingDeliveries(db), [{ deliveryId, step: "start" }]);
  assert.equal(await startDelivery(db, deliveryId), 1);
  assert.equal(await startDelivery(db, deliveryId), 0);
});

test("waves are counted from the first start, and a pause does not move them", async (t) => {
  const db = await aDatabase(t);
  const { deliveryId } = await aPendingPart(db, 1);
  await db.run`
    update nms_delivery set state = ${deliveryStates.startPending}, started = null, contact_date = now() - interval '2 days'
     where delivery_id = ${deliveryId}`;
  await db.run`
    insert into nms_delivery_part (delivery_id, log_date, first_broad_log_id, last_broad_log_id, message_count, wave, delay_sec, not_before)
    values (${deliveryId}, '2026-11-21', 9000, 9000, 1, 2, 3600, now() - interval '47 hours')`;
  await startDelivery(db, deliveryId);
  assert.deepEqual(
    (await readPreparedParts(db, deliveryId)).map(({ waitsSec }) => waitsSec > 3_000),
    [false, true],
  );
  const before = await readParts(db, deliveryId);
  await requestPause(db, deliveryId);
  await requestResume(db, deliveryId);
  assert.equal(await startDelivery(db, deliveryId), 1);
  assert.deepEqual(await readParts(db, deliveryId), before);
});

test("a retry that is asked for hurries what was tried in vain, and no wave that has not begun", async (t) => {
  const db = await aDatabase(t);
  const { deliveryId } = await aPendingPart(db, 1);
  await db.run`update nms_delivery_part set attempts = 2, not_before = now() + interval '1 day' where delivery_id = ${deliveryId}`;
  await db.run`
    insert into nms_delivery_part (delivery_id, log_date, first_broad_log_id, last_broad_log_id, message_count, wave, delay_sec, not_before)
    values (${deliveryId}, '2026-11-21', 9000, 9000, 1, 2, 3600, now() + interval '1 hour')`;
  assert.equal(await requestRetry(db, deliveryId), "retryPending");
  assert.deepEqual(await listWaitingDeliveries(db), [{ deliveryId, step: "retry" }]);
  assert.equal(await hurryRetries(db, deliveryId), 1);
  assert.equal((await readDelivery(db, deliveryId)).state, deliveryStates.inProgress);
  const now = Date.now();
  assert.deepEqual(
    (await readParts(db, deliveryId)).map(({ notBefore }) => notBefore.getTime() > now + 60_000),
    [false, true],
  );
  await db.run`update nms_delivery set state = ${deliveryStates.paused} where delivery_id = ${deliveryId}`;
  await assert.rejects(requestRetry(db, deliveryId), /cannot be retried: its state is paused/);
});
