/** Writes the lines that an import rejected as a list that can be corrected and imported again. */

import type { Separator } from "#protocols/csv/csv-record.ts";
import { writeCsvRow } from "#protocols/csv/write-csv-row.ts";

import { type DraftFile, openDraft } from "./draft-file.ts";
import { isRejectHeading, rejectHeadings } from "./plan-columns.ts";
import { rejectReasons } from "./reject-reasons.ts";
import type { Reject } from "./stage-list.ts";

export type RejectFile = {
  /** Where the file will be; undefined as long as there is none to write. */
  path(): string | undefined;
  /** Adds lines in the order of the list. */
  write(rejects: readonly Reject[]): Promise<void>;
  keep(): Promise<void>;
  /** Leaves nothing behind; does nothing after `keep`. */
  discard(): Promise<void>;
};

type Options = {
  /** Called once, when the file begins. */
  readonly path: () => string;
  /** True: the file is written also when there are no rejects, and a place that cannot be written is found at once. */
  readonly isAskedFor: boolean;
  readonly headings: readonly string[];
  readonly separator: Separator;
};

/**
 * Begins a reject file: the list's own columns, then the line's number and the reason. A line that could not be cut into
 * cells stands whole in the first one.
 * @throws targetNotWritable, also when lines are written
 */
export async function openRejectFile({ path, isAskedFor, headings, separator }: Options): Promise<RejectFile> {
  const form = { separator, isDefused: true };
  const kept = headings.flatMap((heading, index) => (isRejectHeading(heading) ? [] : [index]));
  let draft: DraftFile | undefined;

  const begin = async (): Promise<DraftFile> => {
    draft = await openDraft(path());
    // The mark tells spreadsheets that the text is UTF-8.
    await draft.write(`\ufeff${writeCsvRow([...kept.map((index) => headings[index] ?? ""), ...rejectHeadings], form)}`);
    return draft;
  };
  const writeReject = ({ record, reason }: Reject): string => {
    const cells = kept.map((index, position) =>
      record.fault === undefined ? (record.fields[index] ?? "") : position === 0 ? record.raw : "",
    );
    const surplus = record.fields.slice(headings.length).filter((cell) => cell.trim() !== "");
    return writeCsvRow([...cells, String(record.line), rejectReasons[reason], ...surplus], form);
  };

  if (isAskedFor) await begin();
  return {
    path: () => draft?.path,
    write: async (rejects) => {
      if (rejects.length === 0) return;
      await (draft ?? (await begin())).write(rejects.map(writeReject).join(""));
    },
    keep: async () => draft?.keep(),
    discard: async () => draft?.discard(),
  };
}
