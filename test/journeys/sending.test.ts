import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { broadLogStatuses } from "#schemas/codes.ts";
import { assertExactLedger, untilFinished } from "#test/support/exact-ledger.ts";
import { aRequestedDelivery, aSendingPlatform } from "#test/support/sending-platform.ts";
import { insertRecipients } from "#test/support/sending-store.ts";
import { until } from "#test/support/until.ts";

test("a delivery is prepared, started, sent and finished; each recipient has one message", async (t) => {
  const { db, sink, home } = await aSendingPlatform(t, {
    before: (db) => insertRecipients(db, 300, 7),
    settings: { POSTRIDER_MTA_CHILD_IDLE_CHILD_TIMEOUT_SEC: "1" },
  });
  const deliveryId = await aRequestedDelivery(db, { batchSize: 50 });
  await untilFinished(db, deliveryId);
  const { rows } = await assertExactLedger(db, sink, deliveryId, { recipients: 300 });
  assert.ok(rows.every(({ status, attempts }) => status === broadLogStatuses.sent && attempts === 1));
  // An idle child takes its journal with it.
  await until(() => readdirSync(join(home.var, "main", "mta", "journal")).length === 0, "the child to end");
});
