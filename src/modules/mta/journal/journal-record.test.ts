import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { crc32 } from "node:zlib";

import fc from "fast-check";

import { type JournalHeader, type JournalRecord, makeRecordBatch, readRecords } from "./journal-record.ts";

const header: JournalHeader = { version: 2, childId: "a.host:123:lm4x", instance: "main" };

const anOutcome: fc.Arbitrary<JournalRecord> = fc
  .record({
    broadLogId: fc.maxSafeNat(),
    kind: fc.constantFrom("sent" as const, "failed" as const, "deferred" as const, "in_doubt" as const),
    text: fc.string({ unit: "binary", maxLength: 60 }),
    at: fc.date({ noInvalidDate: true, min: new Date("2020-01-01"), max: new Date("2050-01-01") }),
  })
  .map((outcome) => ({
    deliveryId: 7,
    logDate: "2026-11-21",
    outcome: { ...outcome, text: outcome.text.toWellFormed(), failureType: 1, failureReason: 3 },
  }));
const anIntent: fc.Arbitrary<JournalRecord> = fc
  .tuple(fc.maxSafeNat(), fc.maxSafeNat(), fc.maxSafeNat())
  .map(([deliveryId, broadLogId, atMs]) => ({ deliveryId, logDate: "2026-11-21", broadLogId, atMs }));
const anAnnouncement: fc.Arbitrary<JournalRecord> = fc
  .tuple(fc.maxSafeNat(), fc.maxSafeNat(), fc.maxSafeNat())
  .map(([deliveryId, broadLogId, announcedMs]) => ({ deliveryId, logDate: "2026-11-21", broadLogId, announcedMs }));
const aWithdrawal: fc.Arbitrary<JournalRecord> = fc.maxSafeNat().map((withdrawnId) => ({ withdrawnId }));
const someRecords = fc.array(fc.oneof(anOutcome, anIntent, anAnnouncement, aWithdrawal), {
  minLength: 1,
  maxLength: 12,
});

/** The bytes of a file, and where each record of it ends. */
function write(records: readonly JournalRecord[]): { bytes: Buffer; ends: number[] } {
  const batch = makeRecordBatch();
  const ends = [header, ...records].map((record) => {
    batch.add(record);
    return batch.bytes.length;
  });
  return { bytes: Buffer.from(batch.bytes), ends };
}

/** Records that end at the place or before it, without the header. */
function wholeBefore(records: readonly JournalRecord[], ends: readonly number[], place: number): JournalRecord[] {
  return records.slice(0, Math.max(0, ends.filter((end) => end <= place).length - 1));
}

test("whatever is written is read back, and a file cut at any byte gives every whole record before the cut, and no other", () => {
  fc.assert(
    fc.property(someRecords, (records) => {
      const { bytes, ends } = write(records);
      assert.deepEqual(readRecords(bytes), { header, records, hasEnded: false, isWhole: true });
      for (let cut = 0; cut < bytes.length; cut += 1) {
        const content = readRecords(bytes.subarray(0, cut));
        assert.deepEqual(content.records, wholeBefore(records, ends, cut), `cut at ${cut}`);
        assert.equal(content.isWhole, cut === 0 || ends.includes(cut), `cut at ${cut}`);
      }
    }),
    { numRuns: 20 },
  );
});

test("a byte changed anywhere ends the reading at its record", () => {
  fc.assert(
    fc.property(someRecords, fc.integer({ min: 1, max: 255 }), (records, change) => {
      const { bytes, ends } = write(records);
      for (let at = 0; at < bytes.length; at += 1) {
        const damaged = Buffer.from(bytes);
        damaged.writeUInt8(damaged.readUInt8(at) ^ change, at);
        const content = readRecords(damaged);
        assert.equal(content.isWhole, false);
        assert.deepEqual(content.records, wholeBefore(records, ends, at), `changed at ${at}`);
      }
    }),
    { numRuns: 20 },
  );
});

for (const [name, block] of [
  ["zeros", () => Buffer.alloc(4_096)],
  ["noise", () => randomBytes(4_096)],
] as const) {
  test(`a block of ${name} over any place keeps the records before it, and never throws`, () => {
    const records = fc.sample(anOutcome, { numRuns: 60, seed: 20 }).concat(fc.sample(anIntent, 60));
    const { bytes, ends } = write(records);
    for (let at = 0; at < bytes.length; at += 97) {
      const damaged = Buffer.from(bytes);
      block().copy(damaged, at);
      assert.deepEqual(readRecords(damaged).records, wholeBefore(records, ends, at), `block at ${at}`);
    }
  });
}

test("files of noise, and records of another program behind a good checksum, never throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      readRecords(Buffer.from(noise));
      const { bytes } = write([{ withdrawnId: 1 }]);
      const head = Buffer.alloc(8);
      head.writeUInt32LE(noise.length, 0);
      head.writeUInt32LE(crc32(noise), 4);
      assert.deepEqual(readRecords(Buffer.concat([bytes, head, noise, bytes])).records, [{ withdrawnId: 1 }]);
    }),
  );
  readRecords(randomBytes(65_536));
});
