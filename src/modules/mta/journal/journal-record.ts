/** How a record of the journal stands in the file: length, checksum, JSON. */

import { crc32 } from "node:zlib";

import type { Outcome } from "#campaign/broadlog/outcome.ts";

/** The first record of each file: whose outcomes these are. */
export type JournalHeader = { readonly version: 1; readonly childId: string; readonly instance: string };

/** One outcome, and the delivery it belongs to. */
export type JournalEntry = { readonly deliveryId: number; readonly logDate: string; readonly outcome: Outcome };

export type JournalContent = {
  readonly header: JournalHeader | undefined;
  readonly entries: readonly JournalEntry[];
  /** False when bytes behind the last whole record were left out. */
  readonly isWhole: boolean;
};

const headBytes = 8;
/** A length above this is damage, not a record: an outcome's text is cut at 1,000 characters. */
const longestRecordBytes = 65_536;

/** The bytes of a header or an entry. */
export function writeRecord(record: JournalHeader | JournalEntry): Buffer {
  const body = Buffer.from(JSON.stringify(record));
  const bytes = Buffer.allocUnsafe(headBytes + body.length);
  bytes.writeUInt32LE(body.length, 0);
  bytes.writeUInt32LE(crc32(body), 4);
  body.copy(bytes, headBytes);
  return bytes;
}

/** Reads records up to the first that is not whole: the file may have been cut anywhere when its writer died. */
export function readRecords(bytes: Buffer): JournalContent {
  let header: JournalHeader | undefined;
  const entries: JournalEntry[] = [];
  let at = 0;
  for (;;) {
    const body = bodyAt(bytes, at);
    if (body === undefined) break;
    // The checksum vouches for what we wrote.
    const record = JSON.parse(body.toString("utf8")) as JournalHeader | JournalEntry;
    if ("outcome" in record) entries.push(reviveDates(record));
    else header ??= record;
    at += headBytes + body.length;
  }
  return { header, entries, isWhole: at === bytes.length };
}

/** Dates have lost their type in JSON. */
function reviveDates(entry: JournalEntry): JournalEntry {
  return { ...entry, outcome: { ...entry.outcome, at: new Date(entry.outcome.at) } };
}

function bodyAt(bytes: Buffer, at: number): Buffer | undefined {
  if (at + headBytes > bytes.length) return undefined;
  const length = bytes.readUInt32LE(at);
  if (length === 0 || length > longestRecordBytes || at + headBytes + length > bytes.length) return undefined;
  const body = bytes.subarray(at + headBytes, at + headBytes + length);
  return crc32(body) === bytes.readUInt32LE(at + 4) ? body : undefined;
}
