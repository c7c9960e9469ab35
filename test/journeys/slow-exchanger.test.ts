/** A mail exchanger that takes its time, or says nothing at all, holds up its own messages only. */

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { assertExactLedger, untilFinished, untilFinishedInHaste } from "#test/support/exact-ledger.ts";
import { addressesAt, aPlatformByMx, exchangersAt, mxOf, serversAtOnePort } from "#test/support/mx-platform.ts";
import { aRequestedDelivery } from "#test/support/sending-platform.ts";
import { usualExtensions } from "#test/support/scripted-smtp.ts";
import { allowSessions, insertAddresses, shortenTimeouts } from "#test/support/sending-store.ts";
import { openTakingRate } from "#test/support/taking-rate.ts";
import { until } from "#test/support/until.ts";
import { slowly } from "#test/support/within.ts";

const sessions = 4;
const ofSlow = 600;
const ofQuick = 150;

test("a destination that is slow, with most of a delivery's messages, leaves the others their way", async (t) => {
  const counts = { slow: ofSlow, quick: ofQuick };
  const { slow, quick, db } = await aSlowAndAQuick(t, { DOT: slowly(50), counts });
  const deliveryId = await aRequestedDelivery(db, { batchSize: 50 });
  await until(() => quick.messages.length >= ofQuick, "the messages of the quick one", { limitMs: 120_000 });
  const taken = slow.messages.length;
  t.diagnostic(`${taken} of ${ofSlow} of the slow one were taken by then`);
  assert.ok(taken < ofSlow / 2, `the quick one waited for ${taken} messages of the slow one`);
  await untilFinished(db, deliveryId, 180_000);
  const all = { messages: [...slow.messages, ...quick.messages] };
  await assertExactLedger(db, all, deliveryId, { recipients: ofSlow + ofQuick });
});

test("a destination that takes one message a second, with most of a delivery's messages, leaves the others their room", async (t) => {
  const counts = { slow: 900, quick: 600 };
  let pauseMs = 1_000;
  let turn: Promise<unknown> = Promise.resolve();
  /** One after the other, whatever session it comes by. */
  const DOT = async (): Promise<undefined> => {
    turn = turn.then(() => slowly(pauseMs)());
    await turn;
    return undefined;
  };
  // Less than what the slow one has: what it holds in the child can be more than all that has room.
  const settings = { POSTRIDER_MTA_CHILD_MAX_WAITING_MESSAGES: "200" };
  const { slow, quick, db } = await aSlowAndAQuick(t, { DOT, counts, settings });
  const deliveryId = await aRequestedDelivery(db, { batchSize: 50 });
  await until(() => quick.messages.length >= counts.quick, "the messages of the quick one", { limitMs: 120_000 });
  t.diagnostic(`${slow.messages.length} of ${counts.slow} of the slow one were taken by then`);
  assert.ok(slow.messages.length < counts.slow / 5, `the quick one waited for ${slow.messages.length} of the slow one`);

  pauseMs = 0;
  await untilFinishedInHaste(db, deliveryId, 180_000);
  const all = { messages: [...slow.messages, ...quick.messages] };
  const { rows } = await assertExactLedger(db, all, deliveryId, { recipients: counts.slow + counts.quick });
  assert.ok(
    rows.every(({ attempts }) => attempts === 1),
    "who gave way was not tried",
  );
});

test("F23: fifty silent mail exchangers slow the others down by no tenth, and what is theirs goes to their second ones", async (t) => {
  const counts = { before: 300, silent: 100, others: 1_000 };
  const silentHosts = Array.from({ length: 50 }, (_, index) => ({
    domain: `s${index}.test`,
    host: `mx.s${index}.test`,
    address: `127.0.2.${index + 1}`,
  }));
  const rate = openTakingRate();
  // Two hundred messages a second, over twenty sessions.
  const DOT = async (): Promise<undefined> => {
    await slowly(100)();
    rate.note();
    return undefined;
  };
  const [well, ...silent] = await serversAtOnePort(t, [
    { address: "127.0.0.2", extensions: usualExtensions, on: { DOT } },
    ...silentHosts.map(({ address }) => ({ address, on: { CONNECT: { next: "silence" } as const } })),
  ]);
  assert.ok(well !== undefined);
  const { db } = await aPlatformByMx(t, {
    recipients: 0,
    port: well.port,
    zones: {
      "before.test": mxOf("mx.well.test"),
      "others.test": mxOf("mx.well.test"),
      "mx.well.test": { a: ["127.0.0.2"] },
      ...Object.fromEntries(silentHosts.map(({ domain, host }) => [domain, mxOf(host, "mx.well.test")])),
      ...Object.fromEntries(silentHosts.map(({ host, address }) => [host, { a: [address] }])),
    },
    // Fifty destinations share twenty connections to the second exchanger: none keeps one for long.
    settings: { POSTRIDER_MTA_CHILD_SMTP_IDLE_SESSION_TIMEOUT_SEC: "1" },
    before: async (db) => {
      await insertAddresses(db, addressesAt("before.test", counts.before));
      await allowSessions(db, 20);
      await shortenTimeouts(
        db,
        silentHosts.map(({ host }) => host),
        4,
      );
    },
  });
  await untilFinished(db, await aRequestedDelivery(db, { batchSize: 100 }), 120_000);
  const before = rate.most;

  const ofSilent = silentHosts.flatMap(({ domain }) => addressesAt(domain, counts.silent / silentHosts.length));
  await insertAddresses(db, [...addressesAt("others.test", counts.others), ...ofSilent]);
  const deliveryId = await aRequestedDelivery(db, { batchSize: 100 });
  await until(() => silent.every(({ connections }) => connections > 0), "all silent ones to be met", {
    limitMs: 60_000,
  });
  const metMs = performance.now();
  await until(() => rate.since(metMs) >= 0.9 * before, "the rate without them", { limitMs: 60_000 });
  t.diagnostic(`${before} messages a second without them, ${rate.since(metMs)} beside them`);
  await untilFinished(db, deliveryId, 180_000);
  const again = { messages: well.messages.slice(counts.before) };
  const recipients = counts.before + counts.others + counts.silent;
  const { rows } = await assertExactLedger(db, again, deliveryId, { recipients });
  assert.ok(rows.every(({ attempts }) => attempts === 1));
});

/** A platform with a delivery's recipients at two exchangers. */
async function aSlowAndAQuick(
  t: TestContext,
  given: {
    readonly DOT: () => Promise<undefined>;
    readonly counts: { readonly slow: number; readonly quick: number };
    readonly settings?: Readonly<Record<string, string>>;
  },
) {
  const { DOT, counts, settings = {} } = given;
  const [slow, quick] = await exchangersAt(t, [{ on: { DOT } }, {}]);
  assert.ok(slow !== undefined && quick !== undefined);
  const { db } = await aPlatformByMx(t, {
    recipients: 0,
    port: slow.port,
    zones: {
      "slow.test": mxOf("mx.slow.test"),
      "quick.test": mxOf("mx.quick.test"),
      "mx.slow.test": { a: ["127.0.0.2"] },
      "mx.quick.test": { a: ["127.0.0.3"] },
    },
    settings,
    before: async (db) => {
      await insertAddresses(db, [...addressesAt("slow.test", counts.slow), ...addressesAt("quick.test", counts.quick)]);
      await allowSessions(db, sessions);
    },
  });
  return { slow, quick, db };
}
