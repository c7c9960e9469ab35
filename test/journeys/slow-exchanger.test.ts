/** A mail exchanger that takes its time holds up its own messages only. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { assertExactLedger, untilFinished } from "#test/support/exact-ledger.ts";
import { aPlatformByMx, exchangersAt, mxOf } from "#test/support/mx-platform.ts";
import { aRequestedDelivery } from "#test/support/sending-platform.ts";
import { allowSessions, insertAddresses } from "#test/support/sending-store.ts";
import { until } from "#test/support/until.ts";
import { slowly } from "#test/support/within.ts";

const sessions = 4;
const ofSlow = 600;
const ofQuick = 150;

test("a destination that is slow, with most of a delivery's messages, leaves the others their way", async (t) => {
  const [slow, quick] = await exchangersAt(t, [{ on: { DOT: slowly(50) } }, {}]);
  assert.ok(slow !== undefined && quick !== undefined);
  const addresses = (count: number, domain: string): string[] =>
    Array.from({ length: count }, (_, index) => `r${index}@${domain}`);
  const { db } = await aPlatformByMx(t, {
    recipients: 0,
    port: slow.port,
    zones: {
      "slow.test": mxOf("mx.slow.test"),
      "quick.test": mxOf("mx.quick.test"),
      "mx.slow.test": { a: ["127.0.0.2"] },
      "mx.quick.test": { a: ["127.0.0.3"] },
    },
    before: async (db) => {
      await insertAddresses(db, [...addresses(ofSlow, "slow.test"), ...addresses(ofQuick, "quick.test")]);
      await allowSessions(db, sessions);
    },
  });
  const deliveryId = await aRequestedDelivery(db, { batchSize: 50 });
  await until(() => quick.messages.length >= ofQuick, "the messages of the quick one", { limitMs: 120_000 });
  const taken = slow.messages.length;
  t.diagnostic(`${taken} of ${ofSlow} of the slow one were taken by then`);
  assert.ok(taken < ofSlow / 2, `the quick one waited for ${taken} messages of the slow one`);
  await untilFinished(db, deliveryId, 180_000);
  const all = { messages: [...slow.messages, ...quick.messages] };
  await assertExactLedger(db, all, deliveryId, { recipients: ofSlow + ofQuick });
});
