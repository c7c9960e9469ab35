import assert from "node:assert/strict";
import { test } from "node:test";

import { requestPause } from "#campaign/delivery/request-pause.ts";
import { aDatabase } from "#test/support/database.ts";
import { aPendingPart, expireLeases, hurryParts, readParts } from "#test/support/sending-store.ts";

import {
  claimPart,
  countPending,
  finishPart,
  findClaimablePart,
  postponePart,
  renewParts,
  returnExpiredParts,
  returnPartsOfChild,
  settleLostPart,
} from "./part-store.ts";

test("a part is claimed by one child only, and counted as claimable until then", async (t) => {
  const db = await aDatabase(t);
  await aPendingPart(db, 3);
  assert.notEqual(await findClaimablePart(db), undefined);
  const claims = await Promise.all(["a", "b", "c", "d"].map((child) => claimPart(db, child, 60)));
  const claimed = claims.filter((part) => part !== undefined);
  assert.equal(claimed.length, 1);
  assert.equal(await findClaimablePart(db), undefined);
  const [part] = claimed;
  assert.ok(part !== undefined);
  assert.equal(await countPending(db, part), 3);
});

test("a part is renewed, finished or postponed by the child that has it, and by no other", async (t) => {
  const db = await aDatabase(t);
  await aPendingPart(db, 1);
  const part = await claimPart(db, "a", 60);
  assert.ok(part !== undefined);
  assert.deepEqual(await renewParts(db, "b", [part.partId], 60), []);
  assert.deepEqual(await renewParts(db, "a", [part.partId], 60), [{ partId: part.partId, maySend: true }]);
  assert.equal(await finishPart(db, part.partId, "b"), 0);
  assert.equal(
    await postponePart(db, {
      partId: part.partId,
      childId: "a",
      attempts: 1,
      notBefore: new Date(Date.now() + 60_000),
    }),
    1,
  );
  assert.equal(await findClaimablePart(db), undefined, "it waits for its time");
  assert.equal(await finishPart(db, part.partId, "a"), 0);
});

test("the child of a delivery that is to pause is told so when it renews", async (t) => {
  const db = await aDatabase(t);
  const { deliveryId } = await aPendingPart(db, 1);
  const part = await claimPart(db, "a", 60);
  assert.ok(part !== undefined);
  await requestPause(db, deliveryId);
  assert.deepEqual(await renewParts(db, "a", [part.partId], 60), [{ partId: part.partId, maySend: false }]);
  await returnPartsOfChild(db, "a");
  assert.equal(await claimPart(db, "b", 60), undefined);
});

test("only a lease that ran out is taken back", async (t) => {
  const db = await aDatabase(t);
  const { deliveryId } = await aPendingPart(db, 1);
  await claimPart(db, "a", 60);
  assert.equal(await returnExpiredParts(db, 60), 0);
  await expireLeases(db);
  assert.equal(await returnExpiredParts(db, 60), 1);
  assert.equal((await readParts(db, deliveryId))[0]?.state, "waiting");
  assert.equal(await claimPart(db, "b", 60), undefined, "the child that had it may still have outcomes to record");
  await hurryParts(db, deliveryId);
  assert.equal(await claimPart(db, "b", 60), undefined, "and as long as it is not known what it did");
  assert.equal(await settleLostPart(db, (await readParts(db, deliveryId))[0]?.partId ?? 0, "a"), 1);
  assert.notEqual(await claimPart(db, "b", 60), undefined);
});

test("a part of an affinity is claimed only by a host that declares it", async (t) => {
  const db = await aDatabase(t);
  const { deliveryId } = await aPendingPart(db, 1);
  await db.run`update nms_delivery_part set affinity = 'pool', sending_mode = 2 where delivery_id = ${deliveryId}`;
  assert.equal(await findClaimablePart(db), undefined);
  assert.equal(await claimPart(db, "a", 60, ["other"]), undefined);
  assert.notEqual(await findClaimablePart(db, ["other", "pool"]), undefined);
  const part = await claimPart(db, "a", 60, ["other", "pool"]);
  assert.deepEqual([part?.affinity, part?.sendingMode], ["pool", "smtpTest"]);
});

test("the part of highest priority goes first, however long the others wait", async (t) => {
  const db = await aDatabase(t);
  const { deliveryId } = await aPendingPart(db, 1);
  await db.run`
    insert into nms_delivery_part (delivery_id, log_date, first_broad_log_id, last_broad_log_id, message_count, priority)
    select ${deliveryId}, '2026-11-21', 9000, 9000, 1, p from unnest(array[20, 0, 100]) p`;
  await db.run`update nms_delivery_part set not_before = now() - interval '2 days' where priority = 10`;
  const order: (number | undefined)[] = [];
  for (const child of ["a", "b", "c", "d"]) {
    const part = await claimPart(db, child, 60);
    order.push(
      await db.first((row) => (row as { priority: number }).priority)`
        select priority from nms_delivery_part where delivery_part_id = ${part?.partId ?? 0}`,
    );
  }
  assert.deepEqual(order, [100, 20, 10, 0]);
});
