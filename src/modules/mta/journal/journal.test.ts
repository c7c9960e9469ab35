import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { readBootId } from "#foundation/boot-id.ts";
import { silentLog } from "#foundation/log.ts";
import { aFolder } from "#test/support/temporary-folder.ts";
import { until } from "#test/support/until.ts";

import { journalFileName, listJournals, readJournal } from "./journal-files.ts";
import { type JournalHandle, openJournalHandle } from "./journal-handle.ts";
import type { JournalEntry, JournalIntent } from "./journal-record.ts";
import { type Journal, openJournal } from "./open-journal.ts";

const childId = "a.host:123:lm4x";
const header = { version: 2, childId, instance: "main", bootId: readBootId() } as const;

function anEntry(broadLogId: number, text = "250 2.0.0 queued"): JournalEntry {
  const outcome = {
    broadLogId,
    kind: "sent",
    failureType: 0,
    failureReason: 0,
    text,
    at: new Date("2026-11-21T10:00:00.123Z"),
  } as const;
  return { deliveryId: 7, logDate: "2026-11-21", outcome };
}

function anIntent(broadLogId: number): JournalIntent {
  return { deliveryId: 7, logDate: "2026-11-21", broadLogId, atMs: 1_763_719_200_123 };
}

test("what is appended is read back, dates and texts included", async (t) => {
  const folder = aFolder(t);
  const journal = await openJournal({ folder, childId, instance: "main", log: silentLog });
  const entries = [anEntry(1), anEntry(2, "550 5.1.1 é 你好 \u0000 \n"), anEntry(3)];
  for (const entry of entries) await journal.append(entry);
  const [file] = listJournals(folder);
  assert.ok(file !== undefined);
  assert.deepEqual(readJournal(file), { header, records: entries, hasEnded: false, isWhole: true });
  await journal.close(false);
  assert.deepEqual(readJournal(file), { header, records: entries, hasEnded: true, isWhole: true });
});

test("the journal is there before its first entry, and gone when all is settled and nothing is left to do", async (t) => {
  const folder = aFolder(t);
  const journal = await openJournal({ folder, childId, instance: "main", log: silentLog });
  assert.deepEqual(readdirSync(folder), [journalFileName(childId, 1)]);
  const receipt = await journal.append(anEntry(1));
  assert.equal(journal.unsettled, 1);
  receipt.settle();
  receipt.settle();
  assert.equal(journal.unsettled, 0);
  await journal.close(true);
  assert.deepEqual(readdirSync(folder), []);
});

for (const [name, settles, mayRemove] of [
  ["an entry that the database does not have", false, true],
  ["a part that could not be given back", true, false],
] as const) {
  test(`the journal stays for ${name}`, async (t) => {
    const folder = aFolder(t);
    const journal = await openJournal({ folder, childId, instance: "main", log: silentLog });
    const receipt = await journal.append(anEntry(1));
    if (settles) receipt.settle();
    await journal.close(mayRemove);
    assert.equal(readdirSync(folder).length, 1);
  });
}

test("a long journal goes on in further files, and settled ones are removed", async (t) => {
  const folder = aFolder(t);
  const journal = await openJournal({ folder, childId, instance: "main", log: silentLog, segmentBytes: 500 });
  const receipts = [];
  for (let id = 1; id <= 20; id += 1) receipts.push(await journal.append(anEntry(id)));
  assert.ok(readdirSync(folder).length > 3);
  assert.deepEqual(
    readAll(folder).flat(),
    Array.from({ length: 20 }, (_, index) => String(index + 1)),
  );
  for (const receipt of receipts) receipt.settle();
  await until(() => readdirSync(folder).length === 1, "the settled files to go");
  await journal.close(true);
  assert.equal(readdirSync(folder).length, 0);
});

type Disk = {
  openFile: (path: string) => JournalHandle;
  /** Calls since the start; the first flush is that of the header. */
  readonly writes: number;
  readonly flushes: number;
  /** So many next calls fail. */
  failWrites(count: number): void;
  failFlushes(count: number): void;
  /** Flushes do not come to an end until released. */
  stall(): () => void;
};

/** A real disk that can be told to fail: a write of which half goes through, a flush that says EIO. */
function aDisk(): Disk {
  const counts = { writes: 0, flushes: 0, badWrites: 0, badFlushes: 0 };
  let stalled: Promise<void> = Promise.resolve();
  return {
    openFile: (path) => {
      const handle = openJournalHandle(path);
      return {
        write: (bytes) => {
          counts.writes += 1;
          if (counts.badWrites === 0) return handle.write(bytes);
          counts.badWrites -= 1;
          handle.write(bytes.subarray(0, bytes.length / 2));
          throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
        },
        datasync: async () => {
          counts.flushes += 1;
          await stalled;
          if (counts.badFlushes === 0) return handle.datasync();
          counts.badFlushes -= 1;
          throw Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" });
        },
        close: () => handle.close(),
      };
    },
    get writes() {
      return counts.writes;
    },
    get flushes() {
      return counts.flushes;
    },
    failWrites: (count) => void (counts.badWrites = count),
    failFlushes: (count) => void (counts.badFlushes = count),
    stall: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      stalled = promise;
      return resolve;
    },
  };
}

async function aJournal(t: TestContext): Promise<{ folder: string; disk: Disk; journal: Journal; alarms: string[] }> {
  const folder = aFolder(t);
  const disk = aDisk();
  const alarms: string[] = [];
  const log = { ...silentLog, error: (event: string) => void alarms.push(event) };
  const journal = await openJournal({ folder, childId, instance: "main", log, openFile: disk.openFile });
  t.after(() => journal.close(false));
  return { folder, disk, journal, alarms };
}

/** What the files hold, newest file last: ids of outcomes, of intents with a question mark, of what is announced with a colon. */
function readAll(folder: string): string[][] {
  return listJournals(folder).map((file) =>
    readJournal(file).records.map((record) => {
      if ("outcome" in record) return String(record.outcome.broadLogId);
      if ("announcedMs" in record) return `${record.broadLogId}:`;
      return "atMs" in record ? `${record.broadLogId}?` : `-${record.withdrawnId}`;
    }),
  );
}

test("entries of one turn are one write, and are flushed together behind it", async (t) => {
  const { disk, journal } = await aJournal(t);
  await Promise.all(Array.from({ length: 100 }, (_, id) => journal.append(anEntry(id + 1))));
  assert.equal(disk.writes, 2, "the header, and the hundred");
  await until(() => disk.flushes === 2, "the flush behind them");
  await journal.append(anEntry(101));
  assert.equal(disk.flushes, 2, "an entry does not wait for its flush");
  await until(() => disk.flushes === 3, "the next flush");
});

test("an entry counts as soon as it is in the file, however slow the disk; a disk that stalls is not trusted", async (t) => {
  const { folder, disk, journal } = await aJournal(t);
  const release = disk.stall();
  t.after(release);
  const receipts = [await journal.append(anEntry(1)), await journal.append(anEntry(2))];
  assert.deepEqual(readAll(folder), [["1", "2"]]);
  await until(() => !journal.isTrusted, "the flush to be overdue");
  for (const receipt of receipts) receipt.settle();
  assert.equal(journal.isTrusted, true, "the database has all that the disk may not have");
  release();
});

test("an intent is in the file when note returns, in order, and its outcome takes its place", async (t) => {
  const { folder, journal } = await aJournal(t);
  const first = journal.append(anEntry(1));
  assert.equal(journal.note(anIntent(2)), true);
  assert.deepEqual(readAll(folder), [["1", "2?"]]);
  (await first).settle();
  assert.equal(journal.unsettled, 1);
  (await journal.append(anEntry(2))).settle();
  assert.equal(journal.unsettled, 0);
  journal.note(anIntent(3));
  journal.withdraw(3);
  assert.equal(journal.unsettled, 0);
  await until(() => readAll(folder)[0]?.at(-1) === "-3", "the withdrawal");
});

test("an intent keeps the journal until its outcome is known", async (t) => {
  const { folder, journal } = await aJournal(t);
  journal.note(anIntent(1));
  await journal.close(true);
  assert.deepEqual(readAll(folder), [["1?"]]);
});

test("what is announced is on the disk when that is answered, many share a flush, and an outcome takes its place", async (t) => {
  const { folder, disk, journal } = await aJournal(t);
  const release = disk.stall();
  let kept = 0;
  const announced = Promise.all(
    [1, 2, 3].map(async (id) => {
      const isKept = await journal.announce(anIntent(id));
      if (isKept) kept += 1;
    }),
  );
  await until(() => disk.flushes === 2, "a flush behind that of the header");
  assert.deepEqual([readAll(folder), kept], [[["1:", "2:", "3:"]], 0], "written, and not yet kept");
  const later = journal.announce(anIntent(4));
  release();
  await announced;
  assert.equal(kept, 3);
  assert.equal(await later, true);
  assert.equal(disk.flushes, 3, "one for those three, one for the fourth, which came too late for it");
  journal.note(anIntent(1));
  (await journal.append(anEntry(1))).settle();
  journal.withdraw(2);
  assert.equal(journal.unsettled, 2, "the third and the fourth");
});

test("what is announced while a flush fails is announced in a new file, or not at all", async (t) => {
  const { folder, disk, journal } = await aJournal(t);
  disk.failFlushes(1);
  assert.equal(await journal.announce(anIntent(1)), true);
  assert.deepEqual(readAll(folder).at(-1), ["1:"]);
  disk.failFlushes(1_000);
  assert.equal(await journal.announce(anIntent(2)), false);
  assert.equal(await journal.announce(anIntent(3)), false);
  disk.failFlushes(0);
  await until(() => journal.isWritable(), "the disk to be well");
  assert.equal(await journal.announce(anIntent(4)), true);
});

test("a flush that fails once is never trusted: what the database does not have is written again to a new file", async (t) => {
  const { folder, disk, journal, alarms } = await aJournal(t);
  (await journal.append(anEntry(1))).settle();
  await journal.append(anEntry(2));
  await until(() => disk.flushes === 2, "a good flush");
  journal.note(anIntent(3));
  disk.failFlushes(1);
  await journal.append(anEntry(4));
  await until(() => disk.flushes === 4, "the flush of the new file");
  await journal.append(anEntry(3));
  assert.deepEqual(readAll(folder).at(-1), ["2", "3?", "4", "3"]);
  assert.equal(journal.isTrusted, true);
  assert.deepEqual(alarms, ["mta.journal_failed"]);
});

test("a disk that keeps nothing refuses entries and intents, and takes them again when it is well", async (t) => {
  const { folder, disk, journal } = await aJournal(t);
  disk.failFlushes(1_000_000);
  const receipt = await journal.append(anEntry(1));
  await until(() => !journal.isTrusted, "the journal to be refused");
  await assert.rejects(journal.append(anEntry(2)), { code: "MTA-100001" });
  assert.equal(journal.note(anIntent(3)), false);
  const flushes = disk.flushes;
  await until(() => disk.flushes >= flushes + 2, "further attempts");
  assert.ok(listJournals(folder).length <= 3, "attempts that failed leave no heap of files");
  disk.failFlushes(0);
  await until(() => journal.isTrusted, "the journal to be taken again");
  await journal.append(anEntry(4));
  assert.deepEqual(readAll(folder).at(-1), ["1", "4"]);
  receipt.settle();
});

test("a write that fails half way is written again to a new file", async (t) => {
  const { folder, disk, journal, alarms } = await aJournal(t);
  await journal.append(anEntry(1));
  disk.failWrites(1);
  await journal.append(anEntry(2));
  await journal.append(anEntry(3));
  assert.deepEqual(readAll(folder), [["1"], ["2", "3"]]);
  assert.deepEqual(alarms, ["mta.journal_failed"]);
});

test("a full disk refuses entries and intents, and takes them again when there is room; nothing stands behind a torn record", async (t) => {
  const { folder, disk, journal } = await aJournal(t);
  await journal.append(anEntry(1));
  for (const failing of [2, 2, 3]) {
    disk.failWrites(failing);
    await assert.rejects(journal.append(anEntry(2)), { code: "MTA-100001" });
  }
  disk.failWrites(4);
  assert.equal(journal.note(anIntent(3)), false);
  disk.failWrites(0);
  await journal.append(anEntry(4));
  assert.deepEqual(readAll(folder).flat(), ["1", "4"]);
});

test("a folder where nothing can be written is said so before anything is claimed", async (t) => {
  const file = join(aFolder(t), "a-file");
  writeFileSync(file, "");
  await assert.rejects(openJournal({ folder: file, childId, instance: "main", log: silentLog }), {
    code: "MTA-100001",
  });
  assert.equal(readFileSync(file, "utf8"), "");
});

test("journals of one pid are sorted by the start of their process", () => {
  assert.equal(journalFileName("h:12:zz", 3), "12-zz-3.journal");
  assert.equal(journalFileName("h:12:../x", 1), "12-x-1.journal");
});
