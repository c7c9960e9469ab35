/** How a record of the journal stands in the file: length, checksum, body. Outcomes are JSON; what comes with every message is shorter. */

import { crc32 } from "node:zlib";

import type { Outcome } from "#campaign/broadlog/outcome.ts";

/** The first record of each file: whose outcomes these are. */
export type JournalHeader = {
  readonly version: 2;
  readonly childId: string;
  readonly instance: string;
  /** The machine's start that the writer lived in: after the next one, what was not flushed yet is gone. */
  readonly bootId?: string;
  /** No content leaves before a flush has kept its announcement. */
  readonly announces?: true;
};

/** The writer ended in order, and flushed: nothing that it knew is missing. */
export type JournalFarewell = { readonly hasEnded: true };

/** One outcome, and the delivery it belongs to. */
export type JournalEntry = { readonly deliveryId: number; readonly logDate: string; readonly outcome: Outcome };

/** The content of a message is about to leave: without an outcome behind it, the message is in doubt. */
export type JournalIntent = {
  readonly deliveryId: number;
  readonly logDate: string;
  readonly broadLogId: number;
  readonly atMs: number;
};

/** The content of a message will leave, once this is on the disk: when its intent is gone with the power, it is in doubt by this. */
export type JournalAnnouncement = {
  readonly deliveryId: number;
  readonly logDate: string;
  readonly broadLogId: number;
  readonly announcedMs: number;
};

/** The content of a message did not leave whole, and no outcome follows: it is not in doubt. */
export type JournalWithdrawal = { readonly withdrawnId: number };

export type JournalRecord = JournalEntry | JournalIntent | JournalAnnouncement | JournalWithdrawal;

export type JournalContent = {
  readonly header: JournalHeader | undefined;
  /** In the order of writing. */
  readonly records: readonly JournalRecord[];
  /** The writer ended in order: what is not here did not happen. */
  readonly hasEnded: boolean;
  /** False when bytes behind the last whole record were left out. */
  readonly isWhole: boolean;
};

/** Records on their way to the file in one write. */
export type RecordBatch = {
  add(record: JournalHeader | JournalRecord | JournalFarewell): void;
  /** Valid until the next `add` or `clear`. */
  readonly bytes: Buffer;
  clear(): void;
};

const headBytes = 8;
/** A length above this is damage, not a record: an outcome's text is cut at 1,000 characters. */
const longestRecordBytes = 65_536;
/** First bytes of the short records; JSON begins with a brace. */
const intentMark = 1;
const withdrawalMark = 2;
const announcementMark = 3;
const intentBytes = 35;
const withdrawalBytes = 9;

/** Collects records in one buffer that grows to what it once needed. */
export function makeRecordBatch(): RecordBatch {
  let buffer = Buffer.allocUnsafe(4_096);
  let length = 0;
  const reserve = (count: number): void => {
    if (length + count <= buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, length + count));
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
  };
  return {
    add: (record) => {
      const from = length + headBytes;
      let size: number;
      if ("atMs" in record) {
        reserve(headBytes + intentBytes);
        size = writeIntent(buffer, from, record);
      } else if ("announcedMs" in record) {
        reserve(headBytes + intentBytes);
        size = writeIntent(buffer, from, { ...record, atMs: record.announcedMs });
        buffer[from] = announcementMark;
      } else if ("withdrawnId" in record) {
        reserve(headBytes + withdrawalBytes);
        size = writeWithdrawal(buffer, from, record);
      } else {
        const json = JSON.stringify(record);
        reserve(headBytes + 3 * json.length);
        size = buffer.write(json, from);
      }
      buffer.writeUInt32LE(size, length);
      buffer.writeUInt32LE(crc32(buffer.subarray(from, from + size)), length + 4);
      length = from + size;
    },
    get bytes() {
      return buffer.subarray(0, length);
    },
    clear: () => {
      length = 0;
    },
  };
}

/** Reads records up to the first that is not whole: the file may have been cut anywhere when its writer died. */
export function readRecords(bytes: Buffer): JournalContent {
  let header: JournalHeader | undefined;
  const records: JournalRecord[] = [];
  let hasEnded = false;
  let at = 0;
  for (;;) {
    const body = bodyAt(bytes, at);
    if (body === undefined) break;
    const record = readBody(body);
    if (record === undefined) break;
    if ("version" in record) header ??= record;
    else if ("hasEnded" in record) hasEnded = true;
    else records.push(record);
    at += headBytes + body.length;
  }
  return { header, records, hasEnded, isWhole: at === bytes.length };
}

function writeIntent(buffer: Buffer, at: number, intent: JournalIntent): number {
  buffer[at] = intentMark;
  buffer.writeDoubleLE(intent.broadLogId, at + 1);
  buffer.writeDoubleLE(intent.deliveryId, at + 9);
  buffer.writeDoubleLE(intent.atMs, at + 17);
  buffer.write(intent.logDate, at + 25, 10, "latin1");
  return intentBytes;
}

function writeWithdrawal(buffer: Buffer, at: number, { withdrawnId }: JournalWithdrawal): number {
  buffer[at] = withdrawalMark;
  buffer.writeDoubleLE(withdrawnId, at + 1);
  return withdrawalBytes;
}

/** The checksum vouches for what we wrote; undefined for a record of another program, or of a later version of this one. */
function readBody(body: Buffer): JournalHeader | JournalRecord | JournalFarewell | undefined {
  const mark = body.readUInt8(0);
  if (mark === intentMark) return body.length === intentBytes ? readIntent(body) : undefined;
  if (mark === announcementMark) return body.length === intentBytes ? readAnnouncement(body) : undefined;
  if (mark === withdrawalMark)
    return body.length === withdrawalBytes ? { withdrawnId: body.readDoubleLE(1) } : undefined;
  return readJson(body.toString("utf8"));
}

function readIntent(body: Buffer): JournalIntent {
  return {
    broadLogId: body.readDoubleLE(1),
    deliveryId: body.readDoubleLE(9),
    atMs: body.readDoubleLE(17),
    logDate: body.toString("latin1", 25, 35),
  };
}

function readAnnouncement(body: Buffer): JournalAnnouncement {
  const { atMs: announcedMs, ...announced } = readIntent(body);
  return { ...announced, announcedMs };
}

function readJson(json: string): JournalHeader | JournalEntry | JournalFarewell | undefined {
  if (!json.startsWith('{"')) return undefined;
  try {
    const record = JSON.parse(json) as JournalHeader | JournalEntry | JournalFarewell;
    if ("outcome" in record) return reviveDates(record);
    return "version" in record || "hasEnded" in record ? record : undefined;
  } catch {
    return undefined;
  }
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
