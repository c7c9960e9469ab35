/** Copies a list into the staging table, line by line checked, and counts what is in it. */

import { Readable } from "node:stream";

import { copyStagedLines, createStagedLines } from "#campaign/audience/recipient-store.ts";
import type { DateOrder } from "#campaign/audience/read-day.ts";
import type { Statements } from "#foundation/database.ts";
import type { CsvRecord } from "#protocols/csv/csv-record.ts";

import { copyRow, holdsSpecials } from "./copy-text.ts";
import type { StoredReject } from "./job-store.ts";
import type { Records } from "./open-records.ts";
import { createLineReader } from "./read-line.ts";
import type { RejectReason } from "./reject-reasons.ts";

export type Reject = { readonly record: CsvRecord; readonly reason: RejectReason };

export type Tally = {
  /** Lines that are not blank. */
  lines: number;
  accepted: number;
  blank: number;
  /** Rejects before the first accepted line. */
  leadingRejects: number;
  readonly rejects: Map<RejectReason, number>;
  readonly leftOut: Map<string, { count: number; firstLine: number }>;
};

export type StagingOptions = {
  readonly dateOrder: DateOrder;
  /** The signal that ends the work between two batches. */
  readonly signal: AbortSignal;
  /** Called after each batch with its rejects; may throw to end the work. */
  readonly onBatch: (tally: Tally, rejects: readonly Reject[]) => Promise<void>;
};

/** Kept of a rejected line in the database; the reject file has all of it. */
const longestStoredLine = 10_000;

/**
 * Stages the records below the heading; memory holds one batch.
 * @throws what reading the file throws, and what `onBatch` throws
 */
export async function stageList(tx: Statements, { plan, batches }: Records, options: StagingOptions): Promise<Tally> {
  const fields = plan.columns.map(({ field }) => field);
  const tally: Tally = { lines: 0, accepted: 0, blank: 0, leadingRejects: 0, rejects: new Map(), leftOut: new Map() };
  const readLine = createLineReader(plan, {
    dateOrder: options.dateOrder,
    onLeftOut: (name, line) => countLeftOut(tally, name, line),
  });
  const emptyFields = fields.map(() => null);

  const rows = async function* (): AsyncGenerator<string> {
    for await (const records of batches) {
      options.signal.throwIfAborted();
      const rejects: Reject[] = [];
      let text = "";
      for (const record of records) {
        const reading = readLine(record);
        if (reading.kind === "blank") {
          tally.blank += 1;
          continue;
        }
        tally.lines += 1;
        if (reading.kind === "accepted") {
          tally.accepted += 1;
          text += copyRow([record.line, null, null, ...reading.values], { arePlain: !holdsSpecials(record.raw) });
        } else {
          if (tally.accepted === 0) tally.leadingRejects += 1;
          tally.rejects.set(reading.reason, (tally.rejects.get(reading.reason) ?? 0) + 1);
          rejects.push({ record, reason: reading.reason });
          text += copyRow([record.line, reading.reason, storedText(record), null, null, ...emptyFields], {
            arePlain: false,
          });
        }
      }
      await options.onBatch(tally, rejects);
      if (text !== "") yield text;
    }
  };

  await createStagedLines(tx, fields);
  await tx.copyIn(copyStagedLines(fields), Readable.from(rows()));
  return tally;
}

/** A reject as the database keeps it. */
export function storedReject({ record, reason }: Reject): StoredReject {
  return { line: record.line, reason, text: storedText(record) };
}

/** PostgreSQL's text has no NUL. */
function storedText({ raw }: CsvRecord): string {
  return raw.slice(0, longestStoredLine).toWellFormed().replaceAll("\0", "\ufffd");
}

function countLeftOut(tally: Tally, name: string, line: number): void {
  const counted = tally.leftOut.get(name);
  if (counted === undefined) tally.leftOut.set(name, { count: 1, firstLine: line });
  else counted.count += 1;
}
