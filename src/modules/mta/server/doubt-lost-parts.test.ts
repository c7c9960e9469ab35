import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { recordOutcomes } from "#campaign/broadlog/record-outcomes.ts";
import { requestStop } from "#campaign/delivery/request-stop.ts";
import { settleStop } from "#campaign/delivery/finish-delivery.ts";
import type { Database } from "#foundation/database.ts";
import { silentLog } from "#foundation/log.ts";
import { broadLogStatuses } from "#schemas/codes.ts";
import { aDatabase } from "#test/support/database.ts";
import { aPendingPart, expireLeases, hurryParts, readMessages, readParts } from "#test/support/sending-store.ts";
import { aFolder } from "#test/support/temporary-folder.ts";
import { until } from "#test/support/until.ts";

import { openDatabaseWait } from "../child/await-database.ts";
import { closePart } from "../child/close-part.ts";
import { beginRun } from "../child/part-run.ts";
import { listJournals, readJournal } from "../journal/journal-files.ts";
import { makeRecordBatch } from "../journal/journal-record.ts";
import { openJournal } from "../journal/open-journal.ts";
import { claimPart, findClaimablePart, returnExpiredParts } from "../part-store.ts";
import { doubtUnrenewedParts } from "./doubt-lost-parts.ts";
import { retireDeadChildren } from "./retire-children.ts";

const { sent, failed, pending, cancelled } = broadLogStatuses;
const farChild = "otherhost:77:aa1";
const permits = { forget: () => Promise.resolve() };

/** A part of five: one sent, one deferred since the claim, one deferred before it, two of which nothing is known. */
async function aHalfKnownPart(db: Database, childId: string): Promise<number> {
  const { deliveryId, firstBroadLogId } = await aPendingPart(db, 5);
  const delivery = { deliveryId, logDate: "2026-11-21" };
  const outcome = (index: number, kind: "sent" | "deferred") => ({
    broadLogId: firstBroadLogId + index,
    kind,
    failureType: 0,
    failureReason: 0,
    text: "450 later",
  });
  await db.transaction((tx) => recordOutcomes(tx, delivery, [{ ...outcome(2, "deferred"), at: new Date() }]));
  await claimPart(db, childId, 900);
  const at = new Date(Date.now() + 1_000);
  await db.transaction((tx) =>
    recordOutcomes(tx, delivery, [
      { ...outcome(0, "sent"), at },
      { ...outcome(1, "deferred"), at },
    ]),
  );
  return deliveryId;
}

const statesOf = async (db: Database, deliveryId: number): Promise<[number, boolean][]> =>
  (await readMessages(db, deliveryId)).map(({ status, isInDoubt }) => [status, isInDoubt]);

for (const [name, retriesLost, status] of [
  ["wait to be sent again", true, pending],
  ["have failed", false, failed],
] as const) {
  test(`messages of a host that was not heard of again are in doubt and ${name}, those with a record are not`, async (t) => {
    const db = await aDatabase(t);
    const deliveryId = await aHalfKnownPart(db, farChild);
    const doubt = () => doubtUnrenewedParts({ db, log: silentLog, retriesLost });
    assert.equal(await doubt(), 0, "its lease holds");
    await expireLeases(db);
    assert.equal(await returnExpiredParts(db, 60), 1);
    assert.equal(await doubt(), 0, "its child has time to say what it did");
    await hurryParts(db, deliveryId);
    assert.equal(await findClaimablePart(db), undefined);
    assert.equal(await claimPart(db, "b", 60), undefined, "nobody else has it before that is settled");
    assert.equal(await doubt(), 1);
    assert.deepEqual(await statesOf(db, deliveryId), [
      [sent, false],
      [pending, false],
      [status, true],
      [status, true],
      [status, true],
    ]);
    assert.equal(await doubt(), 0);
    assert.notEqual(await claimPart(db, "b", 60), undefined);
  });
}

test("a child that lost a part and is alive says what it did, and nothing of it is in doubt", async (t) => {
  const db = await aDatabase(t);
  const { deliveryId } = await aPendingPart(db, 2);
  const part = await claimPart(db, farChild, 60);
  assert.ok(part !== undefined);
  await expireLeases(db);
  await returnExpiredParts(db, 60);
  const closed = await closePart(beginRun(part, 0), {
    db,
    childId: farChild,
    now: () => new Date(),
    retryPeriodSec: 60,
    retryCount: 5,
    log: silentLog,
    databaseWait: openDatabaseWait(),
    signal: new AbortController().signal,
  });
  assert.equal(closed, "lost");
  assert.equal((await readParts(db, deliveryId))[0]?.childId, null);
  await hurryParts(db, deliveryId);
  assert.equal(await doubtUnrenewedParts({ db, log: silentLog, retriesLost: true }), 0);
  assert.notEqual(await claimPart(db, "b", 60), undefined);
});

test("a delivery is not stopped before the doubts about its lost parts are settled", async (t) => {
  const db = await aDatabase(t);
  const deliveryId = await aHalfKnownPart(db, farChild);
  await expireLeases(db);
  await returnExpiredParts(db, 60);
  await requestStop(db, deliveryId);
  assert.equal(await settleStop(db, deliveryId), false);
  await hurryParts(db, deliveryId);
  await doubtUnrenewedParts({ db, log: silentLog, retriesLost: true });
  assert.equal(await settleStop(db, deliveryId), true);
  assert.deepEqual(await statesOf(db, deliveryId), [
    [sent, false],
    [cancelled, false],
    [cancelled, true],
    [cancelled, true],
    [cancelled, true],
  ]);
});

for (const [name, bootId, hasEnded, inDoubt] of [
  ["the machine lost power", "an earlier one", false, true],
  ["the machine was shut down in order", "an earlier one", true, false],
  ["only the child was killed", undefined, false, false],
] as const) {
  test(`what a dead child did not write down is ${inDoubt ? "" : "not "}in doubt when ${name}`, async (t) => {
    const db = await aDatabase(t);
    const folder = aFolder(t);
    const child = "testhost:4242:aa1";
    const journal = await openJournal({ folder, childId: child, instance: "main", log: silentLog });
    const deliveryId = await aHalfKnownPart(db, child);
    const [file] = listJournals(folder);
    assert.ok(file !== undefined);
    // What a kill leaves, and what a power cut leaves: the header at least is on the disk.
    const { header } = readJournal(file);
    assert.ok(header?.bootId !== undefined);
    const killed = readFileSync(file.path);
    await journal.close(false);
    if (!hasEnded) writeFileSync(file.path, killed);
    const retire = () =>
      retireDeadChildren({
        db,
        folder,
        log: silentLog,
        permits,
        retriesLost: true,
        isAlive: () => false,
        bootId: bootId === undefined ? header.bootId : bootId,
      });
    assert.equal(await retire(), 1);
    assert.deepEqual(
      (await statesOf(db, deliveryId)).map(([, isDoubted]) => isDoubted),
      [false, false, inDoubt, inDoubt, inDoubt],
    );
    assert.deepEqual(
      (await readParts(db, deliveryId)).map((part) => [part.state, part.childId]),
      [["waiting", null]],
    );
  });
}

for (const [name, losesPower, expected] of [
  ["the machine lost power", true, [false, false, false, true, true]],
  ["only the child was killed", false, [false, false, false, false, true]],
] as const) {
  test(`where contents are announced, those are in doubt that were, and no others, when ${name}`, async (t) => {
    const db = await aDatabase(t);
    const folder = aFolder(t);
    const child = "testhost:4242:aa1";
    const journal = await openJournal({ folder, childId: child, instance: "main", log: silentLog, announces: true });
    const deliveryId = await aHalfKnownPart(db, child);
    const first = 5_001;
    const intent = (index: number) => ({
      deliveryId,
      logDate: "2026-11-21",
      broadLogId: first + index,
      atMs: Date.now() + 2_000,
    });
    // The first was sent; the third was announced and taken back; the fourth was announced; the content of the fifth has begun to leave.
    for (const index of [0, 2, 3, 4]) assert.equal(await journal.announce(intent(index)), true);
    journal.withdraw(first + 2);
    assert.equal(journal.note(intent(4)), true);
    const [file] = listJournals(folder);
    assert.ok(file !== undefined);
    await until(() => readJournal(file).records.length === 6, "all to be written");
    const killed = readFileSync(file.path);
    await journal.close(false);
    writeFileSync(file.path, killed);
    const bootId = losesPower ? "a later one" : readJournal(file).header?.bootId;
    await retireDeadChildren({
      db,
      folder,
      log: silentLog,
      permits,
      retriesLost: false,
      isAlive: () => false,
      bootId,
    });
    assert.deepEqual(
      (await statesOf(db, deliveryId)).map(([, isDoubted]) => isDoubted),
      expected,
    );
    assert.deepEqual(
      (await readParts(db, deliveryId)).map((part) => [part.state, part.childId]),
      [["waiting", null]],
    );
  });
}

test("a journal of an earlier version, which names no start of the machine, is brought in as before", async (t) => {
  const db = await aDatabase(t);
  const folder = aFolder(t);
  const child = "testhost:4242:aa1";
  const deliveryId = await aHalfKnownPart(db, child);
  const batch = makeRecordBatch();
  batch.add({ version: 2, childId: child, instance: "main" });
  writeFileSync(`${folder}/4242-aa1-1.journal`, batch.bytes);
  await retireDeadChildren({ db, folder, log: silentLog, permits, retriesLost: true, isAlive: () => false });
  assert.ok((await statesOf(db, deliveryId)).every(([, isDoubted]) => !isDoubted));
  assert.equal((await readParts(db, deliveryId))[0]?.childId, null);
});
