/**
 * F1, F2, F27, F28: senders are killed or ended in mid-delivery, and the sink judges. `POSTRIDER_FULL=1` sends 20,000 mails and kills 20
 * times; `POSTRIDER_TEST_SEED` repeats a run.
 */

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { broadLogStatuses } from "#schemas/codes.ts";
import { assertExactLedger, untilFinished, untilFinishedInHaste } from "#test/support/exact-ledger.ts";
import { chunkingExtensions, type Script, usualExtensions } from "#test/support/scripted-smtp.ts";
import { chooseSeed, seeded } from "#test/support/seeded.ts";
import {
  aRequestedDelivery,
  aSendingPlatform,
  killAll,
  killSenders,
  listChildren,
  type SendingPlatform,
} from "#test/support/sending-platform.ts";
import {
  allowSessions,
  countListeners,
  insertRecipients,
  readDelivery,
  readMessages,
} from "#test/support/sending-store.ts";
import { openTakingRate } from "#test/support/taking-rate.ts";
import { until } from "#test/support/until.ts";
import { slowly, within } from "#test/support/within.ts";

const never = new Promise<never>(() => undefined);
const isFull = process.env["POSTRIDER_FULL"] === "1";
const recipients = isFull ? 20_000 : 800;
const kills = isFull ? 20 : 2;
const patient = { limitMs: isFull ? 300_000 : 60_000 };
/** Messages of a session that may be under way: one by DATA, a window by BDAT (docs/decisions/0032). */
const byData = { extensions: usualExtensions, window: 1 };
const byChunks = { extensions: chunkingExtensions, window: 8 };

for (const [name, { extensions, window }, settings] of [
  ["by pipelined DATA", byData, {}],
  ["by BDAT", byChunks, {}],
  ["by BDAT, and what is in doubt is held,", byChunks, { POSTRIDER_MTA_RETRY_LOST_MESSAGES: "false" }],
] as const) {
  test(`F1: mta and its children killed again and again while sending ${name} lose nobody`, async (t) => {
    const seed = chooseSeed();
    t.diagnostic(`POSTRIDER_TEST_SEED=${seed}`);
    const random = seeded(seed);
    const platform = await aPlatformOf(t, { extensions, on: { DOT: slowly(4) } }, settings);
    const { db, sink } = platform;
    const deliveryId = await aRequestedDelivery(db, { batchSize: Math.ceil(recipients / 12) });
    let unanswered = 0;
    let mta = platform.mta;
    let slowestReturnMs = 0;
    for (let kill = 1; kill <= kills; kill += 1) {
      const wanted = recipients * ((kill - 0.9 + 0.8 * random()) / (kills + 0.5));
      await until(() => sink.messages.length >= wanted, `${Math.round(wanted)} messages`, { ...patient, stepMs: 5 });
      unanswered += sink.openConnections * window;
      const children = listChildren(mta.pid);
      if (random() < 0.5 && children.length > 0) process.kill(children[0] ?? 0, "SIGKILL");
      else {
        await killAll([mta.pid, ...children]);
        await mta.ended;
        mta = platform.start("mta", "-instance:main");
      }
      const killedMs = performance.now();
      const had = sink.messages.length;
      await until(() => sink.messages.length > had + 20, "messages after the kill", { ...patient, stepMs: 5 });
      slowestReturnMs = Math.max(slowestReturnMs, performance.now() - killedMs);
    }
    await untilFinished(db, deliveryId, patient.limitMs);
    const holds = Object.keys(settings).length > 0;
    const ledger = await assertExactLedger(db, sink, deliveryId, { recipients, mostDoubled: holds ? 0 : unanswered });
    const held = ledger.rows.filter(({ status }) => status === broadLogStatuses.failed);
    assert.ok(ledger.inDoubt <= unanswered, `${ledger.inDoubt} in doubt, ${unanswered} unanswered`);
    assert.equal(held.length, holds ? ledger.inDoubt : 0);
    t.diagnostic(
      `${ledger.doubled} doubled, ${ledger.inDoubt} in doubt, ${unanswered} might have been; back within ${Math.round(slowestReturnMs)} ms`,
    );
    await killSenders(mta);
  });
}

test("F1: ten seconds after a kill, of mta and all or of its children, the rate is what it was", async (t) => {
  const sessions = 20;
  const paceMs = 100;
  const count = 3_000;
  const rate = openTakingRate();
  // The server sets the pace, not this machine: 200 messages a second.
  const DOT = async (): Promise<undefined> => {
    await slowly(paceMs)();
    rate.note();
    return undefined;
  };
  const platform = await aPlatformOf(t, { extensions: usualExtensions, on: { DOT } }, {}, count, sessions);
  const { db, sink } = platform;
  const requestedMs = performance.now();
  const deliveryId = await aRequestedDelivery(db, { batchSize: 100 });
  await until(() => rate.taken > 0, "the first message", patient);
  const firstMs = performance.now() - requestedMs;
  await until(() => rate.taken > 2 * sessions, "all sessions to be busy", patient);
  await within(1_500, never);
  const before = rate.since(0);

  let { mta } = platform;
  let unanswered = 0;
  for (const target of ["mta", "children"] as const) {
    unanswered += sink.openConnections;
    const killedMs = performance.now();
    await (target === "mta" ? killSenders(mta) : killAll(listChildren(mta.pid)));
    if (target === "mta") mta = platform.start("mta", "-instance:main");
    const backMs = await rate.untilBack(before, killedMs);
    t.diagnostic(`${before} messages a second are back ${Math.round(backMs)} ms after the kill of ${target}`);
    // On a machine where a first message takes seconds, processes start as slowly.
    assert.ok(backMs <= Math.max(10_000, 5 * firstMs), `${backMs} ms after the kill of ${target}`);
  }
  await untilFinished(db, deliveryId);
  await assertExactLedger(db, sink, deliveryId, { recipients: count, mostDoubled: unanswered });
  await killSenders(mta);
});

test("F28: a child killed right behind the server's answer doubles that message at most, and knows of it", async (t) => {
  const random = seeded(chooseSeed());
  const sessions = 20;
  const everyNth = 60;
  let taken = 0;
  let killed = 0;
  const platform = await aPlatformOf(
    t,
    {
      extensions: usualExtensions,
      on: {
        DOT: () => {
          taken += 1;
          if (taken % everyNth !== 0 || killed >= 3) return undefined;
          killed += 1;
          const kill = (): void => {
            for (const pid of listChildren(platform.mta.pid)) process.kill(pid, "SIGKILL");
          };
          // The answer leaves first; the record of it would follow within a millisecond.
          if (random() < 0.5) setImmediate(kill);
          else setTimeout(kill, random());
          return undefined;
        },
      },
    },
    {},
    400,
    sessions,
  );
  const { db, sink } = platform;
  const deliveryId = await aRequestedDelivery(db, { batchSize: 100 });
  await untilFinished(db, deliveryId);
  assert.equal(killed, 3);
  await assertExactLedger(db, sink, deliveryId, { recipients: 400, mostDoubled: 3 * sessions });
});

for (const [name, retries] of [
  ["is sent once more", true],
  ["is held", false],
] as const) {
  test(`F27: a message whose dot is not answered is in doubt and ${name}, and counts once`, async (t) => {
    const lost = new Set(["r3@d4.test", "r8@d4.test"]);
    const { db, sink } = await aPlatformOf(
      t,
      {
        extensions: usualExtensions,
        // It keeps the mail, says so to nobody, and hangs up.
        on: {
          DOT: (envelope) => {
            const to = envelope.split(" ")[1] ?? "";
            return lost.delete(to) ? { next: "reset", keeps: true } : undefined;
          },
        },
      },
      { POSTRIDER_MTA_RETRY_LOST_MESSAGES: String(retries) },
      40,
    );
    const deliveryId = await aRequestedDelivery(db);
    if (retries) {
      await until(async () => (await readDelivery(db, deliveryId)).processed === 38, "the others", patient);
      await untilFinishedInHaste(db, deliveryId);
    }
    await untilFinished(db, deliveryId);
    const { rows, doubled } = await assertExactLedger(db, sink, deliveryId, {
      recipients: 40,
      mostDoubled: retries ? 2 : 0,
    });
    const flagged = rows.filter(({ isInDoubt }) => isInDoubt);
    const { sent, failed } = broadLogStatuses;
    assert.deepEqual(
      flagged.map(({ address, status, attempts }) => [address, status, attempts]),
      ["r3@d4.test", "r8@d4.test"].map((address) => [address, retries ? sent : failed, retries ? 2 : 1]),
    );
    assert.equal(doubled, retries ? 2 : 0);
    assert.equal((await readDelivery(db, deliveryId)).success, retries ? 40 : 38);
  });
}

test("F2: SIGTERM with 200 sessions open begins no message, ends those under way, and doubles none", async (t) => {
  const count = 2_400;
  const { promise: released, resolve: release } = Promise.withResolvers<undefined>();
  const platform = await aPlatformOf(t, { extensions: usualExtensions, on: { DOT: () => released } }, {}, count);
  const { db, sink, mta } = platform;
  const deliveryId = await aRequestedDelivery(db, { batchSize: 500 });
  const underWay = (): number => sink.commands.filter((line) => line === "DATA").length;
  await until(() => underWay() >= 200, "200 messages under way", patient);
  const ending = mta.end("SIGTERM");
  // A process that ends hears no notices any more.
  await until(async () => (await countListeners(db)) === 0, "the processes to be told");
  const countMails = (): number => sink.commands.filter((line) => line.startsWith("MAIL")).length;
  const begun = countMails();
  release(undefined);
  await ending;
  assert.equal((await mta.ended).code, 0);
  assert.deepEqual([countMails(), sink.messages.length], [begun, begun], "no MAIL FROM behind SIGTERM, and none cut");
  assert.equal((await readDelivery(db, deliveryId)).success, sink.messages.length);
  assert.ok((await readMessages(db, deliveryId)).every(({ isInDoubt }) => !isInDoubt));

  const next = platform.start("mta", "-instance:main");
  await untilFinished(db, deliveryId);
  await assertExactLedger(db, sink, deliveryId, { recipients: count });
  await killSenders(next);
});

function aPlatformOf(
  t: TestContext,
  script: Script,
  settings: Record<string, string>,
  count = recipients,
  sessions = 200,
): Promise<SendingPlatform> {
  return aSendingPlatform(t, {
    before: async (db) => {
      await insertRecipients(db, count, 5);
      await allowSessions(db, sessions);
    },
    script,
    settings,
  });
}
