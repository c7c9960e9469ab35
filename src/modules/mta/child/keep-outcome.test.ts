import assert from "node:assert/strict";
import { test } from "node:test";

import { broadLogStatuses } from "#schemas/codes.ts";
import { silentLog } from "#foundation/log.ts";
import { aDatabase } from "#test/support/database.ts";
import { aPendingPart, readMessages, setReadOnly } from "#test/support/sending-store.ts";
import { aFolder } from "#test/support/temporary-folder.ts";
import { until } from "#test/support/until.ts";

import { journalNotWritable } from "../errors.ts";
import type { JournalEntry } from "../journal/journal-record.ts";
import { openJournalHandle } from "../journal/journal-handle.ts";
import { type Journal, openJournal } from "../journal/open-journal.ts";
import { openOutcomeKeeper } from "./keep-outcome.ts";

/** A journal on a disk that is full until told otherwise. */
function aFullDisk(): { journal: Journal; entries: JournalEntry[]; free: () => void } {
  const entries: JournalEntry[] = [];
  let isFull = true;
  const journal: Journal = {
    unsettled: 0,
    isTrusted: true,
    note: () => !isFull,
    announce: () => Promise.resolve(!isFull),
    withdraw: () => undefined,
    isWritable: () => !isFull,
    close: () => Promise.resolve(),
    append: (entry) => {
      if (isFull) return Promise.reject(journalNotWritable({ folder: "/full" }));
      entries.push(entry);
      return Promise.resolve({ settle: () => undefined });
    },
  };
  return { journal, entries, free: () => void (isFull = false) };
}

function anEntry(deliveryId: number, broadLogId: number): JournalEntry {
  const outcome = {
    broadLogId,
    kind: "sent",
    failureType: 0,
    failureReason: 0,
    text: "250 ok",
    at: new Date(),
  } as const;
  return { deliveryId, logDate: "2026-11-21", outcome };
}

test("an outcome that the journal cannot take goes into the database at once", async (t) => {
  const db = await aDatabase(t);
  const { deliveryId, firstBroadLogId } = await aPendingPart(db, 2);
  const { journal } = aFullDisk();
  const keeper = openOutcomeKeeper({
    journal,
    db,
    log: silentLog,
    needsIntents: false,
    signal: new AbortController().signal,
  });
  await keeper.keep(anEntry(deliveryId, firstBroadLogId));
  assert.equal(keeper.isSafe, true);
  const statuses = (await readMessages(db, deliveryId)).map(({ status }) => status);
  assert.deepEqual(statuses, [broadLogStatuses.sent, broadLogStatuses.pending]);
});

for (const [name, recover] of [
  ["the database is back", "database"],
  ["the disk has room", "disk"],
] as const) {
  test(`with neither journal nor database nothing may be begun, until ${name}`, async (t) => {
    const db = await aDatabase(t);
    const { deliveryId, firstBroadLogId } = await aPendingPart(db, 1);
    await setReadOnly(db, true);
    const disk = aFullDisk();
    const keeper = openOutcomeKeeper({
      journal: disk.journal,
      db,
      log: silentLog,
      needsIntents: false,
      signal: new AbortController().signal,
    });
    let isKept = false;
    const keeping = keeper.keep(anEntry(deliveryId, firstBroadLogId)).then(() => (isKept = true));
    await until(() => !keeper.isSafe, "the keeper to be unsafe", { limitMs: 2_000 });
    assert.equal(isKept, false);
    if (recover === "disk") disk.free();
    else await setReadOnly(db, false);
    await keeping;
    assert.equal(keeper.isSafe, true);
    if (recover === "disk") assert.equal(disk.entries.length, 1);
    else assert.equal((await readMessages(db, deliveryId))[0]?.status, broadLogStatuses.sent);
  });
}

test("a process that must end does not wait for ever", async (t) => {
  const db = await aDatabase(t);
  const { deliveryId, firstBroadLogId } = await aPendingPart(db, 1);
  await setReadOnly(db, true);
  const ending = new AbortController();
  const keeper = openOutcomeKeeper({
    journal: aFullDisk().journal,
    db,
    log: silentLog,
    needsIntents: false,
    signal: ending.signal,
  });
  const keeping = keeper.keep(anEntry(deliveryId, firstBroadLogId));
  await until(() => !keeper.isSafe, "the keeper to be unsafe");
  ending.abort();
  assert.equal(await keeping, undefined);
});

test("where doubts are held nothing leaves that cannot be written down; else it leaves", async (t) => {
  const db = await aDatabase(t);
  const { deliveryId } = await aPendingPart(db, 1);
  const delivery = { deliveryId, logDate: "2026-11-21" };
  const ending = new AbortController();
  t.after(() => ending.abort());
  const disk = aFullDisk();
  const open = (needsIntents: boolean) =>
    openOutcomeKeeper({ journal: disk.journal, db, log: silentLog, needsIntents, signal: ending.signal });
  const retrying = open(false);
  assert.equal(retrying.note(delivery, 1, new Date()), true);
  assert.equal(retrying.isSafe, true);
  const holding = open(true);
  assert.equal(holding.note(delivery, 1, new Date()), false);
  assert.equal(holding.isSafe, false);
  const announcing = open(true);
  assert.equal(await announcing.announce(delivery, 1, new Date()), false);
  assert.equal(announcing.isSafe, false);
  disk.free();
  await until(() => holding.isSafe && announcing.isSafe, "the journal to be tried again");
  assert.equal(holding.note(delivery, 1, new Date()), true);
  assert.equal(await announcing.announce(delivery, 1, new Date()), true);
});

test("nothing leaves behind an outcome that the journal could not write together with the intent", async (t) => {
  const db = await aDatabase(t);
  const { deliveryId, firstBroadLogId } = await aPendingPart(db, 2);
  await setReadOnly(db, true);
  const folder = aFolder(t);
  let isFull = false;
  const journal = await openJournal({
    folder,
    childId: "a.host:1:1",
    instance: "main",
    log: silentLog,
    openFile: (path) => {
      const handle = openJournalHandle(path);
      return {
        ...handle,
        write: (bytes) => {
          if (isFull) throw new Error("no space left");
          handle.write(bytes);
        },
      };
    },
  });
  const ending = new AbortController();
  t.after(() => ending.abort());
  const keeper = openOutcomeKeeper({ journal, db, log: silentLog, needsIntents: false, signal: ending.signal });
  isFull = true;
  const keeping = keeper.keep(anEntry(deliveryId, firstBroadLogId));
  const delivery = { deliveryId, logDate: "2026-11-21" };
  assert.equal(keeper.note(delivery, firstBroadLogId + 1, new Date()), false);
  await until(() => !keeper.isSafe, "the keeper to be unsafe");
  isFull = false;
  await keeping;
  assert.equal(keeper.isSafe, true);
  assert.equal(keeper.note(delivery, firstBroadLogId + 1, new Date()), true);
  await journal.close(false);
});
