import assert from "node:assert/strict";
import { test } from "node:test";

import { permitPeer } from "#channels/permits/permit-peer.ts";
import { openPermits, type Permits } from "#channels/permits/permits.ts";
import type { Database } from "#foundation/database.ts";
import type { Context, Running } from "#foundation/module.ts";
import { aContext } from "#test/support/context.ts";
import { aDatabase } from "#test/support/database.ts";
import { type Ending, inReverse } from "#test/support/endings.ts";
import { aUdpPort } from "#test/support/free-ports.ts";
import {
  ageErrorStatistics,
  countSpent,
  insertKnownSender,
  insertMxRule,
  listKnownSenders,
  readErrorStatistics,
} from "#test/support/stat-store.ts";
import { aTenure } from "#test/support/stat-tenure.ts";
import { until } from "#test/support/until.ts";

import { purgeErrorStatistics } from "./error-statistics/error-statistics-store.ts";
import { serveStat } from "./serve-stat.ts";

const never = new AbortController().signal;
const path = { host: "mx.example.test", address: "192.0.2.1", publicId: 1 };

type Stat = { readonly context: Context; readonly db: Database; readonly running: Running };

async function aStat(t: Ending, settings = "", db?: Database): Promise<Stat> {
  const context = await aContext(t, {
    settings: `stat.port = ${await aUdpPort()}\n${settings}`,
    ...(db === undefined ? {} : { db }),
  });
  const running = await serveStat(context, await aTenure(context.db));
  t.after(() => running.stop());
  return { context, db: context.db, running };
}

function aSender(t: Ending, context: Context, client: string): Permits {
  const permits = openPermits({ ...permitPeer(context), client, elapsedMs: () => performance.now() });
  t.after(() => permits.close(0));
  return permits;
}

/** Asks again while the server is still starting, as senders do. */
async function tokensOf(permits: Permits): Promise<number | undefined> {
  const grant = await until(async () => {
    const answer = await permits.connect(path, never);
    return answer?.kind === "wait" && answer.reason === "starting" ? undefined : answer;
  }, "an answer");
  return grant.kind === "granted" ? grant.lot?.left : undefined;
}

test("changed rules hold when they are reloaded, and what was spent stays counted", async (test) => {
  const t = inReverse(test);
  const db = await aDatabase(t);
  await insertMxRule(db, { mask: "*.example.test", maxMessagesPerHour: 12 * 30 });
  const { context } = await aStat(t, "", db);
  const sender = aSender(t, context, "a");
  assert.equal(await tokensOf(sender), 10);
  await insertMxRule(db, { mask: "mx.*", maxMessagesPerHour: 12 * 15 });
  assert.equal(await tokensOf(sender), 10, "not yet");
  await sender.reload(never);
  await until(async () => (await sender.connect(path, never))?.kind === "wait", "the new rule: 20 of 15 are spent");
});

test("instances with keys of their own share a server by a secret, and its rules", async (test) => {
  const t = inReverse(test);
  const db = await aDatabase(t);
  await insertMxRule(db, { mask: "*.example.test", maxMessagesPerHour: 12 * 15 });
  const { context } = await aStat(t, 'stat.sharedSecret = "one for all"', db);
  const other = await aContext(t, { settings: 'stat.sharedSecret = "one for all"', db });
  const { address, port } = permitPeer(context);
  const own = aSender(t, context, "a");
  const { key } = permitPeer(other);
  const foreign = openPermits({ address, port, key, client: "b", elapsedMs: () => performance.now() });
  t.after(() => foreign.close(0));
  assert.equal(await tokensOf(own), 10);
  assert.equal(await tokensOf(foreign), 5);
  const mistaken = await aContext(t, { settings: 'stat.sharedSecret = "another"', db });
  const stranger = openPermits({
    address,
    port,
    key: permitPeer(mistaken).key,
    client: "c",
    elapsedMs: () => performance.now(),
  });
  t.after(() => stranger.close(0));
  assert.equal(await stranger.connect(path, AbortSignal.timeout(400)), undefined);
});

test("a sender gets leave only when the next stat would know of it", async (test) => {
  const t = inReverse(test);
  const { context, db } = await aStat(t);
  const sender = aSender(t, context, "a");
  await tokensOf(sender);
  assert.deepEqual(await listKnownSenders(db), ["a"]);
  await sender.close();
  await until(async () => (await listKnownSenders(db)).length === 0, "it to have left");
});

test("after a restart a sender is awaited until it is said to be dead", async (test) => {
  const t = inReverse(test);
  const db = await aDatabase(t);
  await insertKnownSender(db, "dead:1:a");
  const { context } = await aStat(t, "stat.graceSec = 300", db);
  const sender = aSender(t, context, "a");
  const waiting = await sender.connect(path, never);
  assert.equal(waiting?.kind === "wait" && waiting.reason, "starting");
  await sender.forget("dead:1:a", never);
  assert.equal((await sender.connect(path, never))?.kind, "granted");
});

test("errors are counted by path and period, above the thresholds only, and old periods go", async (test) => {
  const t = inReverse(test);
  const { context, db, running } = await aStat(
    t,
    "mta.minConnectionsToLog = 2\nmta.minErrorsToLog = 1\nmta.minMessagesToLog = 3",
  );
  const sender = aSender(t, context, "a");
  const quiet = { ...path, address: "192.0.2.2" };
  sender.count(quiet, { connections: 1, accepted: 100, messageErrors: 1 });
  sender.count(path, { connections: 5, accepted: 3, messageErrors: 2, refused: 1, timeouts: 1 });
  await until(async () => (await sender.show("", never))?.overview.senders !== undefined, "an answer");
  await sender.close();
  await running.stop();
  assert.deepEqual(await readErrorStatistics(db), [
    { address: "192.0.2.1", publicId: 1, connections: 5, messages: 5, errors: 4, messageErrors: 2, refused: 1 },
  ]);
  assert.equal(await purgeErrorStatistics(db, 90, 10), 0);
  await ageErrorStatistics(db, 91);
  assert.equal(await purgeErrorStatistics(db, 90, 10), 1);
});

test("a sender that ends is told so when the next stat would know what it spent", async (test) => {
  const t = inReverse(test);
  const db = await aDatabase(t);
  await insertMxRule(db, { mask: "*.example.test", maxMessagesPerHour: 12 * 30 });
  const { context } = await aStat(t, "", db);
  const sender = aSender(t, context, "a");
  const answer = await until(async () => {
    const grant = await sender.connect(path, never);
    return grant?.kind === "granted" ? grant : undefined;
  }, "leave");
  assert.ok(answer.lot !== undefined);
  const { lot } = answer;
  while (sender.take(lot)) sender.endMessage(lot);
  // The server is not asked for its end, nor given a second: as if it were killed in this moment.
  await sender.close(10_000);
  assert.equal(await countSpent(db), 10);
});
