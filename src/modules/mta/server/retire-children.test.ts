import assert from "node:assert/strict";
import { readdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { Outcome } from "#campaign/broadlog/outcome.ts";
import { recordOutcomes } from "#campaign/broadlog/record-outcomes.ts";
import type { Permits } from "#channels/permits/permits.ts";
import type { Database } from "#foundation/database.ts";
import { silentLog } from "#foundation/log.ts";
import { broadLogStatuses } from "#schemas/codes.ts";
import { aDatabase } from "#test/support/database.ts";
import { countAddresses } from "#test/support/ledger-store.ts";
import { aPendingPart, readDelivery, readMessages, readParts } from "#test/support/sending-store.ts";
import { aFolder } from "#test/support/temporary-folder.ts";

import { openJournal } from "../journal/open-journal.ts";
import { claimPart } from "../part-store.ts";
import { retireDeadChildren } from "./retire-children.ts";

const deadChild = "testhost:4242:aa1";

function somePermits(forgotten: string[] = []): Pick<Permits, "forget"> {
  return { forget: (client) => Promise.resolve(void forgotten.push(client)) };
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
    await retireDeadChildren({
      db,
      folder,
      log: silentLog,
      permits: somePermits(forgotten),
      retriesLost: true,
      isAlive: () => false,
    }),
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
    await retireDeadChildren({
      db,
      folder,
      log: silentLog,
      permits: somePermits(),
      retriesLost: true,
      isAlive: () => true,
    }),
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
    await retireDeadChildren({
      db,
      folder,
      log: silentLog,
      permits: somePermits(),
      retriesLost: true,
      isAlive: () => true,
    }),
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
    retireDeadChildren({
      db: interrupted,
      folder,
      log: silentLog,
      permits: somePermits(),
      retriesLost: true,
      isAlive: () => false,
    }),
  );
  assert.equal((await readDelivery(db, deliveryId)).success, 2);
  await retireDeadChildren({
    db,
    folder,
    log: silentLog,
    permits: somePermits(),
    retriesLost: true,
    isAlive: () => false,
  });
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
    await retireDeadChildren({
      db,
      folder,
      log: silentLog,
      permits: somePermits(),
      retriesLost: true,
      isAlive: () => false,
    }),
    1,
  );
  assert.equal((await readDelivery(db, deliveryId)).success, 1);
  assert.equal((await readParts(db, deliveryId))[0]?.state, "waiting");
});

for (const [retriesLost, status, failed] of [
  [true, broadLogStatuses.pending, 0],
  [false, broadLogStatuses.failed, 1],
] as const) {
  test(`a message that left and has no recorded answer is in doubt, and ${retriesLost ? "waits to be sent again" : "has failed without blame of its address"}`, async (t) => {
    const db = await aDatabase(t);
    const folder = aFolder(t);
    const { deliveryId, firstBroadLogId } = await aPendingPart(db, 5);
    await claimPart(db, deadChild, 900);
    const logDate = "2026-11-21";
    const journal = await openJournal({
      folder,
      childId: deadChild,
      instance: "main",
      log: silentLog,
      segmentBytes: 200,
    });
    const atMs = Date.now() + 1_000;
    const noteAt = (index: number, ms: number) =>
      journal.note({ deliveryId, logDate, broadLogId: firstBroadLogId + index, atMs: ms });
    const answer = (index: number, kind: Outcome["kind"]) =>
      journal.append({
        deliveryId,
        logDate,
        outcome: {
          broadLogId: firstBroadLogId + index,
          kind,
          failureType: 0,
          failureReason: 0,
          text: "450 later",
          at: new Date(atMs),
        },
      });
    // Sent; in doubt; deferred, and sent once more without an answer; taken back before it left whole; not begun.
    noteAt(0, atMs);
    await answer(0, "sent");
    noteAt(1, atMs);
    noteAt(2, atMs);
    await answer(2, "deferred");
    noteAt(2, atMs + 5);
    noteAt(3, atMs);
    journal.withdraw(firstBroadLogId + 3);
    await journal.close(false);

    const retire = () =>
      retireDeadChildren({ db, folder, log: silentLog, permits: somePermits(), retriesLost, isAlive: () => false });
    assert.equal(await retire(), 1);
    const { sent, pending } = broadLogStatuses;
    assert.deepEqual(
      (await readMessages(db, deliveryId)).map((row) => [row.status, row.isInDoubt, row.attempts]),
      [
        [sent, false, 1],
        [status, true, 1],
        [status, true, 2],
        [pending, false, 0],
        [pending, false, 0],
      ],
    );
    const { success, error } = await readDelivery(db, deliveryId);
    assert.deepEqual({ success, error }, { success: 1, error: 2 * failed });
    assert.equal(await countAddresses(db), 0);
  });
}

test("an intent whose later answer the database has is not in doubt", async (t) => {
  const db = await aDatabase(t);
  const folder = aFolder(t);
  const { deliveryId, firstBroadLogId: broadLogId } = await aPendingPart(db, 1);
  const delivery = { deliveryId, logDate: "2026-11-21" };
  const journal = await openJournal({ folder, childId: deadChild, instance: "main", log: silentLog });
  const atMs = Date.now() + 1_000;
  journal.note({ ...delivery, broadLogId, atMs });
  await journal.close(false);
  // Its answer stood in a later file, which went when the database had it.
  const deferred = {
    broadLogId,
    kind: "deferred",
    failureType: 1,
    failureReason: 3,
    text: "450",
    at: new Date(atMs),
  } as const;
  await db.transaction((tx) => recordOutcomes(tx, delivery, [deferred]));
  await retireDeadChildren({
    db,
    folder,
    log: silentLog,
    permits: somePermits(),
    retriesLost: false,
    isAlive: () => false,
  });
  const [message] = await readMessages(db, deliveryId);
  assert.deepEqual([message?.status, message?.isInDoubt, message?.attempts], [broadLogStatuses.pending, false, 1]);
});
