import assert from "node:assert/strict";
import { test } from "node:test";

import type { Outcome } from "#campaign/broadlog/outcome.ts";
import { broadLogStatuses } from "#schemas/codes.ts";
import { aDatabase } from "#test/support/database.ts";
import { aPendingPart, readDelivery, readMessages } from "#test/support/sending-store.ts";

import { recordInLots } from "./record-in-lots.ts";

const count = 2_300;

const sentFrom = (firstBroadLogId: number): Outcome[] =>
  Array.from({ length: count }, (_, index) => ({
    broadLogId: firstBroadLogId + index,
    kind: "sent",
    failureType: 0,
    failureReason: 0,
    text: "250 ok",
    at: new Date(),
  }));

test("outcomes are recorded in lots of a thousand, each in a transaction of its own, and counted once", async (t) => {
  const db = await aDatabase(t);
  const { deliveryId, firstBroadLogId } = await aPendingPart(db, count);
  const delivery = { deliveryId, logDate: "2026-11-21" };
  const lots: number[] = [];
  const record = (): Promise<number> =>
    recordInLots(
      async (recordLot) => {
        const changed = await db.transaction(recordLot);
        lots.push(changed);
        return changed;
      },
      delivery,
      sentFrom(firstBroadLogId),
    );
  assert.equal(await record(), count);
  assert.equal(await record(), 0, "a second time nothing is new");
  assert.deepEqual(lots, [1_000, 1_000, 300, 0, 0, 0]);
  assert.equal((await readDelivery(db, deliveryId)).success, count);
});

test("in a transaction that is under way all lots are recorded, or none", async (t) => {
  const db = await aDatabase(t);
  const { deliveryId, firstBroadLogId } = await aPendingPart(db, count);
  const undone = new Error("undone");
  await assert.rejects(
    db.transaction(async (tx) => {
      const delivery = { deliveryId, logDate: "2026-11-21" };
      assert.equal(await recordInLots((record) => record(tx), delivery, sentFrom(firstBroadLogId)), count);
      throw undone;
    }),
    undone,
  );
  assert.ok((await readMessages(db, deliveryId)).every(({ status }) => status === broadLogStatuses.pending));
});
