import assert from "node:assert/strict";
import { test } from "node:test";

import type { WaitReason } from "#channels/permits/permit-messages.ts";
import { permitPeer } from "#channels/permits/permit-peer.ts";
import { openPermits } from "#channels/permits/permits.ts";
import { surveyStat } from "#channels/permits/survey-stat.ts";
import { type Database, openDatabase } from "#foundation/database.ts";
import { createLog } from "#foundation/log.ts";
import type { Context } from "#foundation/module.ts";
import { aContext } from "#test/support/context.ts";
import { aDatabaseAddress } from "#test/support/database.ts";
import { type Ending, inReverse } from "#test/support/endings.ts";
import { aFalteringDatabase } from "#test/support/faltering-database.ts";
import { aUdpPort } from "#test/support/free-ports.ts";
import { hasty } from "#test/support/stat-patience.ts";
import { countSpent, insertMxRule } from "#test/support/stat-store.ts";
import { until } from "#test/support/until.ts";

import { endBackend, findHolder, takeSeat } from "./holder-store.ts";
import type { Patience } from "./patience.ts";
import { serveAlone } from "./serve-alone.ts";
import { serveStat } from "../serve-stat.ts";

const patient: Patience = { ...hasty, freeLooks: 100_000 };
const smallestLot = 10;
const path = { host: "mx.example.test", address: "192.0.2.1", publicId: 1 };

type Candidate = {
  readonly context: Context;
  readonly events: string[];
  readonly begin: (patience: Patience) => Promise<{ stop: () => Promise<void> }>;
  readonly isAnswering: () => Promise<boolean>;
  /** Asks for a connection, as a sender does that was granted one before; answers what it is told, if anything. */
  readonly ask: () => Promise<"granted" | WaitReason | undefined>;
};

async function aCandidate(t: Ending, db: Database): Promise<Candidate> {
  const events: string[] = [];
  const transport = {
    write: ({ event }: { event: string }) => void events.push(event),
    close: () => Promise.resolve(),
  };
  const port = await aUdpPort();
  const log = createLog(transport, { isVerbose: false, types: new Set() });
  const context = await aContext(t, { db, settings: `[stat]\nport = ${port}`, log });
  const sender = openPermits({ ...permitPeer(context), client: "a", elapsedMs: () => performance.now() });
  t.after(() => sender.close(0));
  return {
    context,
    events,
    begin: async (patience) => {
      const running = await serveAlone(context, (tenure) => serveStat(context, tenure), patience);
      t.after(() => running.stop());
      return running;
    },
    isAnswering: async () => (await surveyStat(context, { limitMs: 300, mostPaths: 1 })).found !== undefined,
    ask: async () => {
      const answer = await sender.connect(path, AbortSignal.timeout(300));
      return answer?.kind === "wait" ? answer.reason : answer?.kind;
    },
  };
}

/** The first has its database through a way that can fail, the spare has it directly. */
async function twoCandidates(t: Ending): Promise<{
  readonly way: Awaited<ReturnType<typeof aFalteringDatabase>>;
  readonly direct: Database;
  readonly first: Candidate;
  readonly spare: Candidate;
}> {
  const address = await aDatabaseAddress(t);
  const way = await aFalteringDatabase(t, address);
  const direct = aDirectDatabase(t, address);
  return { way, direct, first: await aCandidate(t, way.db), spare: await aCandidate(t, direct) };
}

function aDirectDatabase(t: Ending, address: { url: string }): Database {
  const db = openDatabase({ address, applicationName: "test", maxConnections: 5 });
  t.after(() => db.close());
  return db;
}

test("a second stat on one database waits, says so, and grants once the first has ended", async (test) => {
  const t = inReverse(test);
  const db = aDirectDatabase(t, await aDatabaseAddress(t));
  const [first, second] = [await aCandidate(t, db), await aCandidate(t, db)];
  const running = await first.begin(hasty);
  await until(first.isAnswering, "the first to grant");
  await second.begin(hasty);
  assert.deepEqual(second.events, ["stat.lock_busy"]);
  assert.equal(await second.isAnswering(), false);
  assert.equal((await findHolder(db))?.pid, process.pid);
  await running.stop();
  await until(second.isAnswering, "the second to grant");
  assert.deepEqual(second.events.slice(0, 2), ["stat.lock_busy", "stat.lock_held"]);
});

test("the one that grants goes on while the database is away for a moment, and has its lock again before a spare", async (test) => {
  const { way, first, spare } = await twoCandidates(inReverse(test));
  await first.begin(hasty);
  await until(async () => (await first.ask()) === "granted", "the first to grant");
  await spare.begin(patient);
  way.refuse();
  await until(() => first.events.includes("stat.lock_away"), "the lock to be missed");
  assert.equal(await first.ask(), "granted", "without its lock, since nobody else can have it yet");
  way.comeBack();
  await until(() => first.events.includes("stat.lock_held"), "the lock to be had again");
  await until(async () => (await first.ask()) === "granted", "the first to grant with its lock");
  assert.equal(await spare.isAnswering(), false);
});

test("cut off from its database, it tells senders to wait before a spare grants that took over", async (test) => {
  const { way, direct, first, spare } = await twoCandidates(inReverse(test));
  await first.begin(hasty);
  await until(async () => (await first.ask()) === "granted", "the first to grant");
  await spare.begin(hasty);
  const holder = await findHolder(direct);
  assert.ok(holder !== undefined);
  way.fallSilent();
  // As a router that forgets the connection, or the database when it has not heard the host for long.
  await endBackend(direct, holder);
  const answers: ("granted" | WaitReason | undefined)[] = [];
  await until(async () => {
    const [ofFirst, ofSpare] = await Promise.all([first.ask(), spare.ask()]);
    assert.ok(ofFirst !== "granted" || ofSpare !== "granted", "both grant");
    answers.push(ofFirst);
    return ofSpare === "granted";
  }, "the spare to grant");
  assert.equal(answers[0], "granted", "it does not stop at once");
  assert.ok(answers.includes("database"), "senders are told why they wait");
  assert.notEqual(answers.at(-1), "granted");
  assert.ok(spare.events.includes("stat.taking_over"));
  await until(() => first.events.includes("stat.paused"), "the first to say that it waits");
  way.comeBack();
  await until(() => first.events.includes("stat.lock_busy"), "the first to find its lock taken");
  await until(async () => (await first.ask()) === undefined, "it to be silent");
});

test("what a stat still writes that was followed is not taken, and nothing of it is granted", async (test) => {
  const t = inReverse(test);
  const db = aDirectDatabase(t, await aDatabaseAddress(t));
  await insertMxRule(db, { mask: "*", maxMessagesPerHour: 1_200 });
  const { begin, ask } = await aCandidate(t, db);
  await begin({ ...hasty, proveEveryMs: 100_000, proofHoldsMs: 100_000 });
  let granted = 0;
  const isGranted = async (): Promise<boolean> => {
    const answer = await ask();
    if (answer === "granted") granted += smallestLot;
    return answer === "granted";
  };
  await until(isGranted, "it to grant");
  await takeSeat(db, { id: "another run", place: "elsewhere" });
  const written = await countSpent(db);
  await until(async () => !(await isGranted()), "it to grant no more");
  assert.equal(await countSpent(db), written);
  assert.ok(granted <= written, `${granted} granted, ${written} counted`);
});

test("a connection of its own that only the database still knows does not keep it waiting", async (test) => {
  const t = inReverse(test);
  const address = await aDatabaseAddress(t);
  const way = await aFalteringDatabase(t, address);
  const first = await aCandidate(t, way.db);
  await first.begin(hasty);
  await until(async () => (await first.ask()) === "granted", "it to grant");
  way.strand();
  await until(() => first.events.includes("stat.lock_lost"), "the lock to be missed");
  await until(async () => (await first.ask()) === "granted", "it to grant again");
  assert.ok(!first.events.includes("stat.lock_busy"));
});

test("who finds another one granting when the database is back ends to grant", async (test) => {
  const { way, first, spare } = await twoCandidates(inReverse(test));
  await first.begin(hasty);
  await until(first.isAnswering, "the first to grant");
  await spare.begin(hasty);
  way.refuse();
  await until(spare.isAnswering, "the spare to grant");
  way.comeBack();
  await until(() => first.events.includes("stat.lock_busy"), "the first to find its lock taken");
  await until(async () => !(await first.isAnswering()), "the first to grant no more");
  await until(spare.isAnswering, "the spare to go on");
});

test("one that starts while the database is away grants once it is there", async (test) => {
  const t = inReverse(test);
  const way = await aFalteringDatabase(t, await aDatabaseAddress(t));
  way.refuse();
  const only = await aCandidate(t, way.db);
  await only.begin(hasty);
  assert.deepEqual(only.events, ["stat.lock_away"]);
  way.comeBack();
  await until(only.isAnswering, "it to grant");
});

test("what keeps it from listening is thrown at the start", async (test) => {
  const t = inReverse(test);
  const db = aDirectDatabase(t, await aDatabaseAddress(t));
  const { context } = await aCandidate(t, db);
  await assert.rejects(
    serveAlone(context, () => Promise.reject(new Error("taken")), hasty),
    /taken/,
  );
  await until(async () => (await findHolder(db)) === undefined, "the lock to be free");
});
