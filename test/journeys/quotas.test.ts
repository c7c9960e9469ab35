import assert from "node:assert/strict";
import { test } from "node:test";

import type { StatOverview } from "#channels/permits/list-paths.ts";
import type { Waiting } from "#channels/permits/permit-messages.ts";
import { sliceMs } from "#channels/permits/permit-messages.ts";
import { deliveryStates } from "#schemas/codes.ts";
import { runVerb } from "#test/support/platform.ts";
import {
  anotherHost,
  aRequestedDelivery,
  aSendingPlatform,
  killAll,
  listChildren,
  type SendingPlatform,
} from "#test/support/sending-platform.ts";
import { insertRecipients, readDelivery } from "#test/support/sending-store.ts";
import {
  countWarmUpMessages,
  insertMxRule,
  insertWarmUp,
  listKnownSenders,
  readErrorStatistics,
} from "#test/support/stat-store.ts";
import { until } from "#test/support/until.ts";

const patient = { limitMs: 60_000 };

type Ledger = { readonly bySlice: Map<number, number>; readonly total: () => number; readonly most: () => number };

/** Counts what the sink accepts, by slices of the clock. */
function aLedger(): Ledger & { accept: () => undefined } {
  const bySlice = new Map<number, number>();
  return {
    bySlice,
    total: () => [...bySlice.values()].reduce((sum, count) => sum + count, 0),
    most: () => Math.max(0, ...bySlice.values()),
    accept: () => {
      const slice = Math.floor(Date.now() / sliceMs);
      bySlice.set(slice, (bySlice.get(slice) ?? 0) + 1);
      return undefined;
    },
  };
}

function statVerb(
  { home, environment }: SendingPlatform,
  ...flags: string[]
): Promise<{ code: number; output: string }> {
  return runVerb(["stat", "-instance:main", "-noconsole", ...flags], {
    PATH: process.env["PATH"],
    POSTRIDER_HOME: home.root,
    ...environment,
  });
}

async function show(platform: SendingPlatform): Promise<StatOverview> {
  const { code, output } = await statVerb(platform, "-show", "-json");
  assert.equal(code, 0, output);
  return JSON.parse(output) as StatOverview;
}

const waits = ({ paths }: StatOverview): (Waiting & { readonly client: string })[] =>
  paths.flatMap(({ waiting }) => waiting);

test("1,200 an hour never pass 100 in a slice, with three children of two hosts and a stat that is killed three times", async (t) => {
  const ledger = aLedger();
  const platform = await aSendingPlatform(t, {
    before: async (db) => {
      await insertRecipients(db, 900, 9);
      await insertMxRule(db, { mask: "*", maxMessagesPerHour: 1_200 });
    },
    script: { on: { DOT: ledger.accept } },
    // No child takes all there is: each has something to send.
    settings: { POSTRIDER_MTA_MASTER_START_SPARE_SERVERS: "2", POSTRIDER_MTA_CHILD_MAX_WAITING_MESSAGES: "200" },
  });
  const { db, mta, start } = platform;
  const other = await anotherHost(t, platform);
  const children = (): number => listChildren(mta.pid).length + listChildren(other.pid).length;
  await until(() => children() >= 3, "three children");
  const deliveryId = await aRequestedDelivery(db, { batchSize: 20 });
  let { stat } = platform;
  for (const reached of [20, 60, 95]) {
    await until(() => ledger.total() >= reached, `${reached} messages`, patient);
    await stat.end("SIGKILL");
    stat = start("stat", "-instance:main");
    await stat.ready;
  }
  await until(() => ledger.most() === 100, "the slice to be spent", patient);
  const stopped = await until(
    async () => {
      const shown = await show(platform);
      return waits(shown).filter(({ reason }) => reason === "quota").length >= 3 && shown;
    },
    "three children to wait for the next slice",
    patient,
  );
  await stat.end("SIGKILL");
  stat = start("stat", "-instance:main");
  const known = await until(
    async () => (await show(platform)).paths.find(({ slice }) => slice.spent + slice.setAside >= 100),
    "the next stat to know what was spent",
    patient,
  );
  assert.ok(known.slice.spent <= 100, `${known.slice.spent} of 100 are said to be spent`);
  await until(
    async () => waits(await show(platform)).some(({ reason }) => reason === "quota"),
    "them to ask it",
    patient,
  );
  await until(
    async () => (await show(platform)).paths.some(({ slice }) => slice.spent === 100 && slice.setAside === 0),
    "all to have said what they used of what was set aside",
    patient,
  );
  assert.equal(ledger.most(), 100);
  assert.ok(ledger.total() >= 100);
  const [path] = stopped.paths;
  assert.deepEqual([path?.slice.limit, path?.hour.limit], [100, 1_200]);
  // What was set aside for a child counts as well until it has told the new stat what it used of it (docs/decisions/0048).
  const { spent = 0, setAside = 0 } = path?.slice ?? {};
  assert.ok(spent <= 100 && spent + setAside >= 100, `${spent} spent, ${setAside} set aside`);
  const senders = new Set(waits(stopped).map(({ client }) => client));
  assert.ok(senders.size >= 3, "each child says what waits in it");
  assert.ok(waits(stopped).every(({ messages, forMs }) => messages > 0 && forMs <= sliceMs));
  assert.notEqual((await readDelivery(db, deliveryId)).state, deliveryStates.finished);
});

test("12,000 an hour never pass 1,000 in a slice when stat, mta and all children are killed in the same moment", async (t) => {
  const ledger = aLedger();
  const platform = await aSendingPlatform(t, {
    before: async (db) => {
      await insertRecipients(db, 1_600, 5);
      await insertMxRule(db, { mask: "*", maxMessagesPerHour: 12_000 });
    },
    script: { on: { DOT: ledger.accept } },
    settings: { POSTRIDER_STAT_GRACE_SEC: "1", POSTRIDER_MTA_MASTER_START_SPARE_SERVERS: "2" },
  });
  const { db, start } = platform;
  let { stat, mta } = platform;
  await aRequestedDelivery(db, { batchSize: 20 });
  // As soon as they are accepted: nobody has told, and nothing of it is written behind.
  await until(() => ledger.total() >= 150, "messages to leave", { ...patient, stepMs: 1 });
  await killAll([stat.pid, mta.pid, ...listChildren(mta.pid)]);
  stat = start("stat", "-instance:main");
  await stat.ready;
  mta = start("mta", "-instance:main");
  await mta.ready;
  const shown = await until(
    async () => {
      const found = await show(platform);
      return waits(found).some(({ reason }) => reason === "quota") && found;
    },
    "the quota",
    patient,
  );
  await killAll([mta.pid, ...listChildren(mta.pid)]);
  for (const { slice, hour } of shown.paths)
    assert.ok(slice.spent <= 1_000 && hour.spent <= 12_000, `${JSON.stringify({ slice, hour })} is said to be spent`);
  assert.ok(ledger.most() <= 1_000, `${ledger.most()} in a slice`);
  assert.ok(ledger.total() > 300, `${ledger.total()} of a slice were sent`);
});

test("children wait for a stat that is away, go on by themselves, and leave nothing behind at their end", async (t) => {
  const ledger = aLedger();
  const platform = await aSendingPlatform(t, {
    before: async (db) => {
      await insertRecipients(db, 200, 3);
      await insertMxRule(db, { mask: "*", maxMessagesPerHour: 120_000 });
    },
    script: { on: { DOT: ledger.accept } },
  });
  const { db, stat, mta, start } = platform;
  await stat.end("SIGTERM");
  const deliveryId = await aRequestedDelivery(db, { batchSize: 20 });
  await until(() => listChildren(mta.pid).length > 0, "a child");
  const away = await statVerb(platform, "-show");
  assert.equal(away.code, 1);
  assert.match(away.output, /does not answer/);
  assert.equal(ledger.total(), 0);
  await start("stat", "-instance:main").ready;
  await until(async () => (await readDelivery(db, deliveryId)).state === deliveryStates.finished, "the end", patient);
  assert.equal(ledger.total(), 200);
  await until(async () => (await listKnownSenders(db)).length > 0, "the senders to be written");
  await mta.end("SIGTERM");
  await until(async () => (await listKnownSenders(db)).length === 0, "the senders to have left");
});

test("an address that warms up stops at its allowance, and a restart of stat does not begin the day anew", async (t) => {
  const ledger = aLedger();
  const platform = await aSendingPlatform(t, {
    before: async (db) => {
      await insertRecipients(db, 300, 3);
      await insertWarmUp(db, "40,80");
    },
    script: { on: { DOT: ledger.accept } },
  });
  const { db, stat, start } = platform;
  await aRequestedDelivery(db, { batchSize: 20 });
  await until(() => ledger.total() === 40, "the allowance to be used", patient);
  await until(async () => (await countWarmUpMessages(db)) === 40, "it to be written");
  await stat.end("SIGKILL");
  await start("stat", "-instance:main").ready;
  const waiting = await until(
    async () => {
      const shown = await show(platform);
      return waits(shown).some(({ reason }) => reason === "warmUp") && shown;
    },
    "the children to be told",
    patient,
  );
  const { setAside, ...warmUp } = waiting.paths[0]?.warmUp ?? {};
  assert.deepEqual(warmUp, { day: 1, sent: 40, limit: 40 });
  assert.ok((setAside ?? 0) < 40, `${setAside} set aside besides`);
  assert.equal(ledger.total(), 40);
});

test("a server that answers 421 is left to one probe at a time, by all children, over a restart of stat, and comes back", async (t) => {
  let isStorming = true;
  let refused = 0;
  const platform = await aSendingPlatform(t, {
    before: (db) => insertRecipients(db, 400, 5),
    script: {
      on: {
        CONNECT: () => {
          if (!isStorming) return undefined;
          refused += 1;
          return { say: "421 4.7.0 too many connections from you", next: "close" };
        },
      },
    },
    settings: {
      POSTRIDER_MTA_MASTER_START_SPARE_SERVERS: "2",
      POSTRIDER_MTA_CHILD_SMTP_INITIAL_DELAY_SEC: "1",
      POSTRIDER_MTA_ERROR_PERIOD_SEC: "1",
      POSTRIDER_MTA_MIN_CONNECTIONS_TO_LOG: "1",
      POSTRIDER_MTA_MIN_MESSAGES_TO_LOG: "0",
    },
  });
  const { db, sink, stat, start } = platform;
  const deliveryId = await aRequestedDelivery(db, { batchSize: 20 });
  const levelOf = async (): Promise<number> => (await show(platform)).paths[0]?.flow?.level ?? 1;
  await until(async () => (await levelOf()) < 0.1, "the path to be slowed down to probes", patient);
  await stat.end("SIGKILL");
  await start("stat", "-instance:main").ready;
  await until(async () => (await levelOf()) < 0.2, "the next stat to know", patient);
  assert.equal(sink.messages.length, 0);
  assert.ok(refused < 60, `${refused} connections`);
  isStorming = false;
  await until(async () => (await readDelivery(db, deliveryId)).success > 0, "messages to leave again", patient);
  await until(async () => (await levelOf()) > 1 / 30, "the path to come back", patient);
  const [row] = await until(async () => {
    const rows = await readErrorStatistics(db);
    return rows.length > 0 && rows;
  }, "the error statistics");
  assert.ok(row !== undefined && row.refused > 0 && row.errors >= row.refused && row.connections >= row.refused);
  assert.equal(row.publicId, 1);
});
