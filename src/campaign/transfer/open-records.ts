/** Reads a list up to its heading, and hands out the records below it. */

import type { Separator } from "#protocols/csv/csv-record.ts";
import type { CsvRecord } from "#protocols/csv/csv-record.ts";
import type { Encoding } from "#protocols/csv/decode-text.ts";
import { type CsvReading, readCsv } from "#protocols/csv/read-csv.ts";

import {
  listHasNoAddresses,
  listHasWrongEncoding,
  listHeadingUnreadable,
  listIsEmpty,
  listIsNoText,
} from "./errors.ts";
import type { ListFile } from "./open-list.ts";
import { type ColumnPlan, planColumns } from "./plan-columns.ts";
import { rejectReasons } from "./reject-reasons.ts";

export type Records = {
  readonly headings: readonly string[];
  readonly plan: ColumnPlan;
  readonly separator: Separator;
  /** The records below the heading, in batches. */
  readonly batches: AsyncGenerator<readonly CsvRecord[]>;
};

/** Columns beyond this are a sign that the file is no list; each costs work on each line. */
const mostColumns = 2_000;

/**
 * Opens the records of a list.
 * @throws listIsNoText, listHasWrongEncoding, listIsEmpty, listHeadingUnreadable, listHasNoAddresses; the first two from the batches too
 */
export async function openRecords(
  list: ListFile,
  options: { readonly encoding: Encoding; readonly separator: Separator | undefined; readonly maxRecordLength: number },
): Promise<Records> {
  const readings = readCsv(list.chunks(), options);
  for (;;) {
    const { value: reading, done } = await readings.next();
    if (done === true) throw listIsEmpty({ file: list.path });
    const { records, separator } = acceptReading(list.path, reading);
    const position = records.findIndex(({ raw }) => raw.trim() !== "");
    const heading = records[position];
    if (heading === undefined) continue;
    const plan = planHeading(list.path, heading);
    return {
      headings: heading.fields,
      plan,
      separator,
      batches: following(list.path, records.slice(position + 1), readings),
    };
  }
}

async function* following(
  file: string,
  first: readonly CsvRecord[],
  readings: AsyncGenerator<CsvReading>,
): AsyncGenerator<readonly CsvRecord[]> {
  if (first.length > 0) yield first;
  for await (const reading of readings) yield acceptReading(file, reading).records;
}

function acceptReading(file: string, reading: CsvReading): { records: readonly CsvRecord[]; separator: Separator } {
  switch (reading.kind) {
    case "records":
      return reading;
    case "not_text":
      throw listIsNoText({ file, name: reading.name });
    case "wrong_encoding":
      throw listHasWrongEncoding({ file, line: reading.line });
  }
}

function planHeading(file: string, { fields, fault }: CsvRecord): ColumnPlan {
  if (fault !== undefined) throw listHeadingUnreadable({ file, reason: rejectReasons[fault] });
  if (fields.length > mostColumns)
    throw listHeadingUnreadable({ file, reason: `It has ${fields.length} columns, more than ${mostColumns}.` });
  const plan = planColumns(fields);
  if (plan === undefined)
    throw listHasNoAddresses({ file, headings: fields.slice(0, 20).map((heading) => heading.slice(0, 60)) });
  return plan;
}
