/**
 * F29: one mail exchanger answers 421 for a time, another does not. `POSTRIDER_FULL=1` lets the storm last for ten minutes, with the
 * product's own pauses, and waits for the full rate afterwards; else it lasts for seconds, the first pause is one, and the way back is
 * watched until its beginning.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { assertExactLedger, untilFinished } from "#test/support/exact-ledger.ts";
import { addressesAt, aPlatformByMx, exchangersAt, mxOf } from "#test/support/mx-platform.ts";
import type { Script } from "#test/support/scripted-smtp.ts";
import { aRequestedDelivery } from "#test/support/sending-platform.ts";
import { allowSessions, insertAddresses } from "#test/support/sending-store.ts";
import { until } from "#test/support/until.ts";
import { slowly, within } from "#test/support/within.ts";

const isFull = process.env["POSTRIDER_FULL"] === "1";
const never = new Promise<never>(() => undefined);
const patient = { limitMs: 60_000 };
const stormSec = isFull ? 600 : 12;
/** The second part of the storm is judged: a minute may pass before the rate has fallen. */
const fallSec = isFull ? 60 : 6;
const sessions = 10;
/** Servers set the pace, not this machine: 50 messages a second each, or 20. */
const paceMs = isFull ? 500 : 200;
const perSec = (sessions * 1_000) / paceMs;
/** On its way back to the full rate a path takes a minute's worth of messages; all of them have room in the children. */
const ofStormy = isFull ? 95 * perSec : 2.6 * perSec;
const ofCalm = (stormSec + 12) * perSec;
const tooBusy = { say: "421 4.7.0 too many connections from you", next: "close" } as const;

/** What a server saw, with the moments. */
type Diary = {
  readonly script: Script;
  readonly taken: number[];
  readonly attempts: number[];
  /** Most connections that were open at once since it was last asked. */
  mostOpen: number;
};

function aDiary(openConnections: () => number): Diary {
  const diary: Diary = {
    taken: [],
    attempts: [],
    mostOpen: 0,
    script: {
      on: {
        CONNECT: () => {
          diary.attempts.push(performance.now());
          diary.mostOpen = Math.max(diary.mostOpen, openConnections());
          return undefined;
        },
        MAIL: () => {
          diary.attempts.push(performance.now());
          return undefined;
        },
        DOT: async () => {
          await slowly(paceMs)();
          diary.taken.push(performance.now());
          return undefined;
        },
      },
    },
  };
  return diary;
}

/** How many of the moments lie in the last seconds, for each of these. */
function rateOf(moments: readonly number[], seconds: number): number {
  const from = performance.now() - seconds * 1_000;
  return moments.filter((ms) => ms >= from).length / seconds;
}

test("F29: a storm of 421 is met with one probe at a time, costs the other exchanger nothing and nobody a message, and passes", async (t) => {
  const stormy = aDiary(() => storm?.openConnections ?? 0);
  const calm = aDiary(() => 0);
  const [storm, still] = await exchangersAt(t, [stormy.script, calm.script]);
  assert.ok(storm !== undefined && still !== undefined);
  const { db } = await aPlatformByMx(t, {
    recipients: 0,
    port: storm.port,
    zones: {
      "bad.test": mxOf("mx.bad.test"),
      "good.test": mxOf("mx.good.test"),
      "mx.bad.test": { a: ["127.0.0.2"] },
      "mx.good.test": { a: ["127.0.0.3"] },
    },
    before: async (db) => {
      await insertAddresses(db, [...addressesAt("bad.test", ofStormy), ...addressesAt("good.test", ofCalm)]);
      await allowSessions(db, sessions);
    },
    settings: {
      POSTRIDER_MTA_RETRY_PERIOD_SEC: isFull ? "60" : "1",
      ...(isFull ? {} : { POSTRIDER_MTA_CHILD_SMTP_INITIAL_DELAY_SEC: "1" }),
    },
  });
  const deliveryId = await aRequestedDelivery(db, { batchSize: 50 });
  await until(() => stormy.taken.length >= sessions, "messages", patient);
  await within(2_000, never);
  const before = rateOf(stormy.taken, 1.5);
  t.diagnostic(`before: ${before.toFixed(1)} messages a second of ${perSec}`);

  storm.behave({
    CONNECT: () => {
      stormy.attempts.push(performance.now());
      stormy.mostOpen = Math.max(stormy.mostOpen, storm.openConnections);
      return tooBusy;
    },
    MAIL: () => {
      stormy.attempts.push(performance.now());
      return tooBusy;
    },
  });
  await within(fallSec * 1_000, never);
  stormy.mostOpen = 0;
  const judgedSec = stormSec - fallSec;
  await within(judgedSec * 1_000, never);
  const during = { stormy: rateOf(stormy.attempts, judgedSec), calm: rateOf(calm.taken, judgedSec) };
  t.diagnostic(`during: ${JSON.stringify(during)}, at most ${stormy.mostOpen} open`);
  assert.ok(during.stormy <= before / 10, "a tenth of the rate at most");
  assert.ok(stormy.mostOpen <= 1, `${stormy.mostOpen} sessions probed at once`);
  assert.ok(during.calm >= before / 2, "the other exchanger, of the same pace, has its full rate");
  assert.ok(stormy.taken.length < ofStormy, "the storm came in the middle");

  storm.behave(stormy.script.on);
  const overMs = performance.now();
  const passed = (): string => `${Math.round((performance.now() - overMs) / 1_000)} s after the storm`;
  if (isFull) {
    const limitMs = 300_000;
    await until(() => rateOf(stormy.taken, 3) >= 0.8 * before, "the full rate", { limitMs, stepMs: 500 });
    t.diagnostic(`the full rate ${passed()}`);
  }
  await untilFinished(db, deliveryId, isFull ? 600_000 : 180_000);
  t.diagnostic(`all is sent ${passed()}`);
  const all = { messages: [...storm.messages, ...still.messages] };
  await assertExactLedger(db, all, deliveryId, { recipients: ofStormy + ofCalm });
});
