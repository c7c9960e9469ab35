/** F11 to F16: the database goes away, cuts, refuses, blocks or fills up in mid-delivery. No fault of it may lose or double a message. */

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { inReverse, type Ending } from "#test/support/endings.ts";
import { assertExactLedger, untilFinished } from "#test/support/exact-ledger.ts";
import { aFalteringDatabase, type FalteringDatabase } from "#test/support/faltering-database.ts";
import { chooseSeed, seeded } from "#test/support/seeded.ts";
import {
  aRequestedDelivery,
  aSendingPlatform,
  isRunning,
  killSenders,
  listChildren,
  type SendingPlatform,
} from "#test/support/sending-platform.ts";
import {
  allowSessions,
  aPlainRole,
  cutConnections,
  countDeadlocks,
  countNotSerialized,
  countOtherSessions,
  crossTheLedger,
  cutOneConnection,
  failSerialization,
  fillDisk,
  findDeadlocksSoon,
  insertRecipients,
  limitConnections,
  readDelivery,
  whileTablesAreLocked,
} from "#test/support/sending-store.ts";
import { chunkingExtensions, usualExtensions } from "#test/support/scripted-smtp.ts";
import { slowWrites } from "#test/support/database-fault-store.ts";
import { openTakingRate } from "#test/support/taking-rate.ts";
import { until } from "#test/support/until.ts";
import { slowly, within } from "#test/support/within.ts";

const recipients = 800;
const never = new Promise<never>(() => undefined);
const patient = { limitMs: 60_000 };
/** `POSTRIDER_FULL=1` keeps the database away for as long as the catalogue says. */
const awayMs = process.env["POSTRIDER_FULL"] === "1" ? 60_000 : 3_000;

test("F11: the database goes away in mid-delivery and comes back: all stay up, nobody is lost or doubled, and the rate is what it was", async (t) => {
  let way: FalteringDatabase | undefined;
  const sessions = 20;
  const count = 1_000;
  const rate = openTakingRate();
  // Two hundred messages a second.
  const DOT = async (): Promise<undefined> => {
    await slowly(100)();
    rate.note();
    return undefined;
  };
  const platform = await aSendingPlatform(t, {
    before: async (db) => {
      await insertRecipients(db, count, 5);
      await allowSessions(db, sessions);
    },
    script: { extensions: usualExtensions, on: { DOT } },
    // What is claimed is sent while the database is away: some is to be left for afterwards.
    settings: { POSTRIDER_MTA_CHILD_MAX_WAITING_MESSAGES: "150" },
    reach: async (address) => {
      way = await aFalteringDatabase(t, address);
      return way.address;
    },
  });
  const { db, sink, mta } = platform;
  const requestedMs = performance.now();
  const deliveryId = await aRequestedDelivery(db, { batchSize: 50 });
  await until(() => rate.taken > 0, "the first message", patient);
  const firstMs = performance.now() - requestedMs;
  await until(() => rate.taken > 2 * sessions, "all sessions to be busy", patient);
  await within(1_200, never);
  const before = rate.since(0);
  const children = listChildren(mta.pid);
  way?.refuse();
  // What was asked before is still carried out.
  await until(async () => (await countOtherSessions(db)) === 0, "the database to be done with what it was asked");
  const { success: recorded } = await readDelivery(db, deliveryId);
  const sentBefore = sink.messages.length;
  await within(awayMs, never);
  assert.ok(sink.messages.length > sentBefore, "what was claimed goes on, into the journal");
  assert.equal((await readDelivery(db, deliveryId)).success, recorded, "nothing is claimed that is not recorded");
  assert.ok(sink.messages.length < count, "the fault came in the middle");
  way?.comeBack();
  const backMs = await rate.untilBack(before, performance.now());
  t.diagnostic(`${before} messages a second are back ${Math.round(backMs)} ms after the database`);
  // On a machine where a first message takes seconds, all else is as slow.
  assert.ok(backMs <= Math.max(15_000, 5 * firstMs), `${backMs} ms after the database`);
  await untilFinished(db, deliveryId);
  await assertExactLedger(db, sink, deliveryId, { recipients: count });
  assert.ok([mta.pid, ...children].every(isRunning), "no process has ended");
});

test("F11, F1: a child killed while the database is away has left its outcomes in the journal", async (t) => {
  let way: FalteringDatabase | undefined;
  const { db, sink, mta, deliveryId } = await aSlowPlatform(t, {
    reach: async (address) => {
      way = await aFalteringDatabase(t, address);
      return way.address;
    },
  });
  way?.refuse();
  const sentBefore = sink.messages.length;
  await until(() => sink.messages.length > sentBefore + 40, "messages that only the journal knows of", patient);
  const unanswered = sink.openConnections * 8;
  for (const pid of listChildren(mta.pid)) process.kill(pid, "SIGKILL");
  way?.comeBack();
  await untilFinished(db, deliveryId);
  await assertExactLedger(db, sink, deliveryId, { recipients, mostDoubled: unanswered });
});

test("F11, F2: told to end while the database is silent, mta and its children end by themselves; nobody is lost or doubled", async (t) => {
  let way: FalteringDatabase | undefined;
  const count = 300;
  const { db, sink, mta, deliveryId, start } = await aSlowPlatform(t, {
    recipients: count,
    batchSize: 150,
    reach: async (address) => {
      way = await aFalteringDatabase(t, address);
      return way.address;
    },
  });
  way?.fallSilent();
  const { success: recorded } = await readDelivery(db, deliveryId);
  await until(() => sink.messages.length >= recorded + 40, "messages that only the journal knows of", patient);
  assert.ok(sink.messages.length < count, "the fault came in the middle");
  await mta.end("SIGTERM");
  assert.equal((await mta.ended).code, 0, "it was not cut off");
  way?.comeBack();
  const next = start("mta", "-instance:main");
  await untilFinished(db, deliveryId);
  await assertExactLedger(db, sink, deliveryId, { recipients: count });
  await killSenders(next);
});

test("F12: connections cut at random under load cost nothing", async (t) => {
  const seed = chooseSeed();
  t.diagnostic(`POSTRIDER_TEST_SEED=${seed}`);
  const random = seeded(seed);
  const { db, sink, deliveryId } = await aSlowPlatform(t);
  let cuts = 0;
  const fewestCuts = 5;
  // However slow the machine is: half of the messages are still to come when there were some cuts.
  sink.behave({
    DOT: async () => {
      await slowly(60)();
      await until(() => cuts >= fewestCuts || sink.messages.length < recipients / 2, "some cuts", patient);
      return undefined;
    },
  });
  // Not faster than connections can be made again, on a slow machine too.
  while (cuts < 20 && sink.messages.length < recipients * 0.8) {
    cuts += await cutOneConnection(db, random());
    await within(50 + 100 * random(), never);
  }
  await untilFinished(db, deliveryId);
  await assertExactLedger(db, sink, deliveryId, { recipients });
  assert.ok(cuts >= fewestCuts, `${cuts} cuts`);
});

test("F13: with every connection used up the work waits, and goes on when there are some again", async (hooks) => {
  const t = inReverse(hooks);
  let role: Awaited<ReturnType<typeof aPlainRole>> | undefined;
  const { db, sink, mta, deliveryId } = await aSlowPlatform(t, {
    reach: async (address) => {
      role = await aPlainRole(t, address);
      return role.address;
    },
  });
  const children = listChildren(mta.pid);
  await limitConnections(db, 0);
  await cutConnections(db);
  await within(2_000, never);
  assert.notEqual(sink.messages.length, recipients);
  await limitConnections(db, -1);
  await untilFinished(db, deliveryId);
  await assertExactLedger(db, sink, deliveryId, { recipients });
  assert.ok([mta.pid, ...children].every(isRunning), "no process has ended");
});

test("F14: tables locked for longer than a lease cost nothing, and no part is sent twice", async (t) => {
  const leaseSec = 10;
  const { db, sink, deliveryId } = await aSlowPlatform(t, {
    settings: { POSTRIDER_MTA_LEASE_SEC: String(leaseSec) },
  });
  const sentBefore = sink.messages.length;
  await whileTablesAreLocked(db, ["nms_delivery_part", "nms_broad_log"], () => within((leaseSec + 3) * 1_000, never));
  assert.ok(sink.messages.length > sentBefore, "what was claimed goes on while the leases hold");
  await untilFinished(db, deliveryId);
  await assertExactLedger(db, sink, deliveryId, { recipients });
});

test("F14: half a second for each write costs nothing, and nobody else's clicks", async (t) => {
  const count = 300;
  const { db, sink, deliveryId, environment } = await aSlowPlatform(t, { recipients: count, batchSize: 100 });
  const end = await slowWrites(db, ["nms_broad_log", "nms_delivery_part"], 500);
  const redirector = `http://127.0.0.1:${environment["POSTRIDER_TRACKINGLOGD_PORT"] ?? ""}`;
  const links = sink.messages.map(({ content }) => `${redirector}${trackedPathOf(content)}`);
  let slowestMs = 0;
  // Whoever has a message clicks while the others are being sent.
  for (const link of links) {
    const startMs = performance.now();
    const answer = await fetch(link, { redirect: "manual" });
    slowestMs = Math.max(slowestMs, performance.now() - startMs);
    assert.deepEqual([answer.status, answer.headers.get("location")], [302, "https://example.org/offer"]);
  }
  t.diagnostic(`${links.length} clicks, the slowest took ${Math.round(slowestMs)} ms`);
  await untilFinished(db, deliveryId);
  assert.ok((await end()) > 3, "writes were slow");
  await assertExactLedger(db, sink, deliveryId, { recipients: count });
});

test("F15: deadlocks and serialization failures are run again, and nobody notices", async (t) => {
  const { db, sink, mta, deliveryId } = await aSlowPlatform(t, { before: (db) => findDeadlocksSoon(db, 250) });
  const children = listChildren(mta.pid);
  const before = await countDeadlocks(db);
  const end = await failSerialization(db, 25);
  const countFaults = async () => ({
    deadlocks: (await countDeadlocks(db)) - before,
    notSerialized: await countNotSerialized(db),
  });
  let isEnough = false;
  // The second half comes by drops until there were some of both: writes go on, and do not come to their end before.
  sink.behave({ DOT: () => slowly(isEnough || sink.messages.length < recipients / 2 ? 60 : 3_000)() });
  await until(
    async () => {
      await crossTheLedger(db, deliveryId, 150);
      const { deadlocks, notSerialized } = await countFaults();
      isEnough = deadlocks > 0 && notSerialized > 0;
      return isEnough || sink.messages.length >= recipients;
    },
    "the faults",
    patient,
  );
  await end();
  await untilFinished(db, deliveryId);
  const faults = await countFaults();
  await assertExactLedger(db, sink, deliveryId, { recipients });
  t.diagnostic(JSON.stringify(faults));
  assert.ok(faults.deadlocks > 0 && faults.notSerialized > 0, JSON.stringify(faults));
  assert.ok([mta.pid, ...children].every(isRunning), "no process has ended");
});

test("F16: with the database's disk full nothing is claimed as sent; it recovers by itself", async (t) => {
  const { db, sink, mta, deliveryId } = await aSlowPlatform(t);
  const children = listChildren(mta.pid);
  const empty = await fillDisk(db);
  const { success: recorded } = await readDelivery(db, deliveryId);
  const sentBefore = sink.messages.length;
  await within(2_000, never);
  assert.equal((await readDelivery(db, deliveryId)).success, recorded);
  assert.ok(sink.messages.length > sentBefore, "the journal takes what the database does not");
  await empty();
  await untilFinished(db, deliveryId);
  await assertExactLedger(db, sink, deliveryId, { recipients });
  assert.ok([mta.pid, ...children].every(isRunning), "no process has ended");
});

/** A delivery that is on its way, slowly enough for a fault to fall into it. */
async function aSlowPlatform(
  t: TestContext | Ending,
  given: Pick<NonNullable<Parameters<typeof aSendingPlatform>[1]>, "before" | "reach" | "settings"> & {
    readonly recipients?: number;
    readonly batchSize?: number;
  } = {},
): Promise<SendingPlatform & { deliveryId: number }> {
  const platform = await aSendingPlatform(t, {
    ...given,
    before: async (db) => {
      await insertRecipients(db, given.recipients ?? recipients, 5);
      await given.before?.(db);
    },
    script: { extensions: chunkingExtensions, on: { DOT: slowly(60) } },
  });
  const deliveryId = await aRequestedDelivery(platform.db, { batchSize: given.batchSize ?? 400 });
  await until(() => platform.sink.messages.length >= 60, "some messages", patient);
  return { ...platform, deliveryId };
}

/** Where the link of a message leads, at the redirection server. */
function trackedPathOf(content: Buffer): string {
  const text = content.toString("latin1").replaceAll("=\r\n", "").replaceAll("=3D", "=");
  return /\/r\/\?id=[^\s"]+/.exec(text)?.[0].replaceAll("&amp;", "&") ?? "";
}
