import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import fc from "fast-check";

import { silentLog } from "#foundation/log.ts";
import { aFolder } from "#test/support/temporary-folder.ts";

import { journalFileName, listJournals, readJournal } from "./journal-files.ts";
import { type JournalEntry, readRecords, writeRecord } from "./journal-record.ts";
import { openJournal, type JournalHandle } from "./open-journal.ts";

const childId = "a.host:123:lm4x";
const header = { version: 1, childId, instance: "main" } as const;

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

test("what is appended is read back, dates and texts included", async (t) => {
  const folder = aFolder(t);
  const journal = await openJournal({ folder, childId, instance: "main", log: silentLog });
  const entries = [anEntry(1), anEntry(2, "550 5.1.1 é 你好 \u0000 \n"), anEntry(3)];
  for (const entry of entries) await journal.append(entry);
  const [file] = listJournals(folder);
  assert.ok(file !== undefined);
  assert.deepEqual(readJournal(file), { header, entries, isWhole: true });
  await journal.close(false);
});

test("a file cut at any byte gives every whole record before the cut, and no other", () => {
  const entries = [1, 2, 3, 4].map((id) => anEntry(id, "x".repeat(id * 7)));
  const records = [writeRecord(header), ...entries.map((entry) => writeRecord(entry))];
  const bytes = Buffer.concat(records);
  const ends = records.map((_, index) => Buffer.concat(records.slice(0, index + 1)).length);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const whole = ends.filter((end) => end <= cut).length;
    const content = readRecords(bytes.subarray(0, cut));
    assert.equal(content.entries.length, Math.max(0, whole - 1), `cut at ${cut}`);
    assert.equal(content.isWhole, cut === 0 || ends.includes(cut), `cut at ${cut}`);
    assert.deepEqual(content.entries, entries.slice(0, content.entries.length));
  }
});

test("a byte changed anywhere ends the reading there, and never throws", () => {
  const entries = [1, 2, 3].map((id) => anEntry(id));
  const records = [writeRecord(header), ...entries.map((entry) => writeRecord(entry))];
  const bytes = Buffer.concat(records);
  for (let at = 0; at < bytes.length; at += 1) {
    const damaged = Buffer.from(bytes);
    damaged.writeUInt8(damaged.readUInt8(at) ^ 0xff, at);
    const content = readRecords(damaged);
    assert.equal(content.isWhole, false);
    assert.deepEqual(content.entries, entries.slice(0, content.entries.length));
  }
});

test("blocks of zeros, of noise, and files of neither, never throw", () => {
  const good = Buffer.concat([writeRecord(header), writeRecord(anEntry(1))]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      assert.equal(readRecords(Buffer.concat([good, Buffer.alloc(4_096), good])).entries.length, 1);
      assert.ok(readRecords(Buffer.concat([good, Buffer.from(noise), good])).entries.length >= 1);
      readRecords(Buffer.from(noise));
    }),
  );
  readRecords(randomBytes(65_536));
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
  const read = listJournals(folder).flatMap((file) =>
    readJournal(file).entries.map(({ outcome }) => outcome.broadLogId),
  );
  assert.deepEqual(
    read,
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
  for (const receipt of receipts) receipt.settle();
  assert.equal(readdirSync(folder).length, 1);
  await journal.close(true);
  assert.equal(readdirSync(folder).length, 0);
});

test("entries that wait at the same time share a flush", async (t) => {
  let flushes = 0;
  const counting = async (path: string): Promise<JournalHandle> => {
    const handle = await open(path, "ax");
    return {
      appendFile: (bytes) => handle.appendFile(bytes),
      close: () => handle.close(),
      datasync: () => {
        flushes += 1;
        return handle.datasync();
      },
    };
  };
  const journal = await openJournal({
    folder: aFolder(t),
    childId,
    instance: "main",
    log: silentLog,
    openFile: counting,
  });
  await Promise.all(Array.from({ length: 100 }, (_, id) => journal.append(anEntry(id + 1))));
  assert.ok(flushes <= 4, `${flushes} flushes`);
  await journal.close(true);
});

/** Files whose flush fails as often as told. */
function aFailingDisk(): { failNext: (count: number) => void; openFile: (path: string) => Promise<JournalHandle> } {
  let left = 0;
  return {
    failNext: (count) => {
      left = count;
    },
    openFile: async (path) => {
      const handle = await open(path, "ax");
      return {
        appendFile: (bytes) => handle.appendFile(bytes),
        close: () => handle.close(),
        datasync: () => {
          if (left === 0) return handle.datasync();
          left -= 1;
          return Promise.reject(Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" }));
        },
      };
    },
  };
}

test("a flush that fails once is never trusted: the entry is written again in a new file", async (t) => {
  const folder = aFolder(t);
  const disk = aFailingDisk();
  const journal = await openJournal({ folder, childId, instance: "main", log: silentLog, openFile: disk.openFile });
  await journal.append(anEntry(1));
  disk.failNext(1);
  await journal.append(anEntry(2));
  await journal.append(anEntry(3));
  const files = listJournals(folder);
  assert.equal(files.length, 2);
  assert.deepEqual(files[1] && readJournal(files[1]).entries.map(({ outcome }) => outcome.broadLogId), [2, 3]);
  await journal.close(false);
});

test("a disk that fails for good refuses entries, and takes them again when it is well", async (t) => {
  const folder = aFolder(t);
  const disk = aFailingDisk();
  const journal = await openJournal({ folder, childId, instance: "main", log: silentLog, openFile: disk.openFile });
  await journal.append(anEntry(1));
  disk.failNext(1_000);
  await assert.rejects(journal.append(anEntry(2)), { code: "MTA-100001" });
  await assert.rejects(journal.append(anEntry(3)), { code: "MTA-100001" });
  disk.failNext(0);
  await journal.append(anEntry(4));
  const read = new Set(
    listJournals(folder).flatMap((file) => readJournal(file).entries.map(({ outcome }) => outcome.broadLogId)),
  );
  assert.ok(read.has(1) && read.has(4));
  await journal.close(false);
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
