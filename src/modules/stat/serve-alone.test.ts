import assert from "node:assert/strict";
import { test } from "node:test";

import { surveyStat } from "#channels/permits/survey-stat.ts";
import { type Database, openDatabase } from "#foundation/database.ts";
import { createLog } from "#foundation/log.ts";
import type { Context } from "#foundation/module.ts";
import { aContext } from "#test/support/context.ts";
import { aDatabaseAddress } from "#test/support/database.ts";
import { type Ending, inReverse } from "#test/support/endings.ts";
import { aFalteringDatabase } from "#test/support/faltering-database.ts";
import { aUdpPort } from "#test/support/free-ports.ts";
import { until } from "#test/support/until.ts";

import { findHolder } from "./holder-store.ts";
import { type Patience, serveAlone } from "./serve-alone.ts";
import { serveStat } from "./serve-stat.ts";

const hasty: Patience = { regainEveryMs: 20, lookEveryMs: 20, freeLooks: 2 };
const patient: Patience = { ...hasty, freeLooks: 100_000 };

type Candidate = {
  readonly context: Context;
  readonly events: string[];
  readonly begin: (patience: Patience) => Promise<{ stop: () => Promise<void> }>;
  readonly isGranting: () => Promise<boolean>;
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
  return {
    context,
    events,
    begin: async (patience) => {
      const running = await serveAlone(context, () => serveStat(context), patience);
      t.after(() => running.stop());
      return running;
    },
    isGranting: async () => (await surveyStat(context, { limitMs: 300, mostPaths: 1 })).found !== undefined,
  };
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
  await until(first.isGranting, "the first to grant");
  await second.begin(hasty);
  assert.deepEqual(second.events, ["stat.lock_busy"]);
  assert.equal(await second.isGranting(), false);
  assert.equal((await findHolder(db))?.pid, process.pid);
  await running.stop();
  await until(second.isGranting, "the second to grant");
  assert.deepEqual(second.events.slice(0, 2), ["stat.lock_busy", "stat.lock_held"]);
});

test("the one that grants goes on while the database is away, and has its lock again before a spare", async (test) => {
  const t = inReverse(test);
  const address = await aDatabaseAddress(t);
  const way = await aFalteringDatabase(t, address);
  const first = await aCandidate(t, way.db);
  const spare = await aCandidate(t, aDirectDatabase(t, address));
  await first.begin(hasty);
  await until(first.isGranting, "the first to grant");
  await spare.begin(patient);
  way.refuse();
  await until(() => first.events.includes("stat.lock_away"), "the lock to be missed");
  await until(first.isGranting, "the first to grant without its lock");
  way.comeBack();
  await until(() => first.events.includes("stat.lock_held"), "the lock to be had again");
  await until(first.isGranting, "the first to grant with its lock");
  assert.equal(await spare.isGranting(), false);
});

test("who finds another one granting when the database is back ends to grant", async (test) => {
  const t = inReverse(test);
  const address = await aDatabaseAddress(t);
  const way = await aFalteringDatabase(t, address);
  const first = await aCandidate(t, way.db);
  const spare = await aCandidate(t, aDirectDatabase(t, address));
  await first.begin(hasty);
  await until(first.isGranting, "the first to grant");
  await spare.begin(hasty);
  way.refuse();
  await until(spare.isGranting, "the spare to grant");
  way.comeBack();
  await until(() => first.events.includes("stat.lock_busy"), "the first to find its lock taken");
  await until(async () => !(await first.isGranting()), "the first to grant no more");
  await until(spare.isGranting, "the spare to go on");
});

test("one that starts while the database is away grants once it is there", async (test) => {
  const t = inReverse(test);
  const way = await aFalteringDatabase(t, await aDatabaseAddress(t));
  way.refuse();
  const only = await aCandidate(t, way.db);
  await only.begin(hasty);
  assert.deepEqual(only.events, ["stat.lock_away"]);
  way.comeBack();
  await until(only.isGranting, "it to grant");
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
