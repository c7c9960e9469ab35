import assert from "node:assert/strict";
import { readdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { Permits } from "#channels/permits.ts";
import type { Database } from "#foundation/database.ts";
import { silentLog } from "#foundation/log.ts";
import { broadLogStatuses } from "#schemas/codes.ts";
import { aDatabase } from "#test/support/database.ts";
import { aPendingPart, readDelivery, readMessages, readParts } from "#test/support/sending-store.ts";
import { aFolder } from "#test/support/temporary-folder.ts";

import { openJournal } from "../journal/open-journal.ts";
import { claimPart } from "../part-store.ts";
import { retireDeadChildren } from "./retire-children.ts";

const deadChild = "testhost:4242:aa1";

function somePermits(forgotten: string[] = []): Permits {
  return {
    connect: () => Promise.resolve(undefined),
    askTokens: () => Promise.resolve(undefined),
    release: () => undefined,
    forget: (client) => Promise.resolve(void forgotten.push(client)),
    reload: () => Promise.resolve(false),
    close: () => Promise.resolve(),
  };
}

/** A child that claimed a part of four, sent two of them, deferred one, and died. */
async function aDeadChild(db: Database, folder: string): Promise<number> {
  const { deliveryId, firstBroadLogId } = await aPendingPart(db, 4);
  await claimPart(db, deadChild, 900);
  const journal = await openJournal({ folder, childId: deadChild, instance: "main", log: silentLog });
  for (const [index, kind] of (["sent", "sent", "deferred"] as const).entries()) {
    await journal.append({
      deliveryId,
      logDate: "2026-11-21",
      outcome: {
        broadLogId: firstBroadLogId + index,
        kind,
        failureType: 0,
        failureReason: 0,
        text: "250 ok",
        at: new Date(Date.now() + 1_000),
      },
    });
  }
  await journal.close(false);
  return deliveryId;
}

test("what a dead child had journaled is recorded, then its part is given back", async (t) => {
  const db = await aDatabase(t);
  const folder = aFolder(t);
  const forgotten: string[] = [];
  const deliveryId = await aDeadChild(db, folder);
  assert.equal(
    await retireDeadChildren({ db, folder, log: silentLog, permits: somePermits(forgotten), isAlive: () => false }),
    1,
  );
  const { sent, pending } = broadLogStatuses;
  assert.deepEqual(
    (await readMessages(db, deliveryId)).map(({ status }) => status),
    [sent, sent, pending, pending],
  );
  assert.equal((await readDelivery(db, deliveryId)).success, 2);
  assert.deepEqual(
    (await readParts(db, deliveryId)).map(({ state, childId }) => ({ state, childId })),
    [{ state: "waiting", childId: null }],
  );
  assert.deepEqual(readdirSync(folder), []);
  assert.deepEqual(forgotten, [deadChild]);
});

test("a child that runs is left alone", async (t) => {
  const db = await aDatabase(t);
  const folder = aFolder(t);
  const deliveryId = await aDeadChild(db, folder);
  assert.equal(
    await retireDeadChildren({ db, folder, log: silentLog, permits: somePermits(), isAlive: () => true }),
    0,
  );
  assert.equal((await readParts(db, deliveryId))[0]?.state, "claimed");
  assert.equal(readdirSync(folder).length, 1);
});

test("a child whose pid was given to a later child is dead", async (t) => {
  const db = await aDatabase(t);
  const folder = aFolder(t);
  const deliveryId = await aDeadChild(db, folder);
  const later = await openJournal({ folder, childId: "testhost:4242:ab0", instance: "main", log: silentLog });
  assert.equal(
    await retireDeadChildren({ db, folder, log: silentLog, permits: somePermits(), isAlive: () => true }),
    1,
  );
  assert.equal((await readParts(db, deliveryId))[0]?.state, "waiting");
  assert.equal(readdirSync(folder).length, 1);
  await later.close(true);
});

test("a journal brought in twice counts once", async (t) => {
  const db = await aDatabase(t);
  const folder = aFolder(t);
  const deliveryId = await aDeadChild(db, folder);
  // The server dies after recording, before the file is gone.
  const interrupted: Database = { ...db, run: () => Promise.reject(new Error("killed here")) };
  await assert.rejects(
    retireDeadChildren({ db: interrupted, folder, log: silentLog, permits: somePermits(), isAlive: () => false }),
  );
  assert.equal((await readDelivery(db, deliveryId)).success, 2);
  await retireDeadChildren({ db, folder, log: silentLog, permits: somePermits(), isAlive: () => false });
  assert.equal((await readDelivery(db, deliveryId)).success, 2);
  assert.deepEqual(
    (await readMessages(db, deliveryId)).map(({ attempts }) => attempts),
    [1, 1, 1, 0],
  );
});

test("a journal that is cut gives its whole records, and the part goes back", async (t) => {
  const db = await aDatabase(t);
  const folder = aFolder(t);
  const deliveryId = await aDeadChild(db, folder);
  const [name = ""] = readdirSync(folder);
  truncateSync(join(folder, name), 300);
  assert.equal(
    await retireDeadChildren({ db, folder, log: silentLog, permits: somePermits(), isAlive: () => false }),
    1,
  );
  assert.equal((await readDelivery(db, deliveryId)).success, 1);
  assert.equal((await readParts(db, deliveryId))[0]?.state, "waiting");
});
