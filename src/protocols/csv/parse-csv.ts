/**
 * Cuts CSV text into records, from pieces of any size: RFC 4180 with LF, CRLF and CR mixed. What comes out does not depend
 * on where the pieces were cut. A quote inside a cell that does not begin with one is text.
 */

import type { CsvForm, CsvRecord, RecordFault } from "./csv-record.ts";

export type CsvParser = {
  /** Takes the next piece of text; answers the records that are complete. */
  push(text: string): CsvRecord[];
  /** Says that the text has ended; answers what was left. */
  end(): CsvRecord[];
  /** The physical line on which the next character would stand, from 1. */
  currentLine(): number;
};

/** Of a line that is too long this much is kept, to be shown. */
const keptOfLongLine = 1_000;

const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Begins to read a text. Memory holds one piece and one record; time grows with the text, whatever its faults, since a
 * quote that is not closed is looked ahead for once only.
 */
export function createCsvParser({ separator, maxRecordLength }: CsvForm): CsvParser {
  const separatorCode = separator.charCodeAt(0);
  /** Text from the beginning of the first record that is not complete. */
  let text = "";
  let at = 0;
  /** Number of the line that stands at `at`. */
  let line = 1;
  let isLast = false;
  let hasNul = false;
  /** The line before ended with CR: an LF that follows belongs to it. */
  let isAfterCr = false;
  /** The rest of a line that is too long is dropped unread. */
  let isDropping = false;
  let records: CsvRecord[] = [];

  const read = (piece: string): CsvRecord[] => {
    text = at === text.length ? piece : text.slice(at) + piece;
    at = 0;
    records = [];
    hasNul = text.includes("\0");
    if (isAfterCr && text !== "") {
      isAfterCr = false;
      if (text.charCodeAt(0) === lineFeed) at = 1;
    }
    if (isDropping) dropLine();
    while (at < text.length && readRecord());
    return records;
  };

  /** Reads the record at `at` and steps behind it; false when more text is needed. */
  const readRecord = (): boolean => {
    const fields: string[] = [];
    let breaks = 0;
    let from = at;
    for (;;) {
      let end: number;
      if (text.charCodeAt(from) === quote) {
        const closing = findClosingQuote(text, from, isLast);
        if (closing === -1) return isLast || text.length - at > maxRecordLength ? giveUp("quote_not_closed") : false;
        fields.push(withoutDoubling(text.slice(from + 1, closing)));
        breaks += countLineBreaks(text, from, closing);
        end = closing + 1;
        if (end < text.length && !endsField(text.charCodeAt(end), separatorCode)) {
          return giveUp(end - at > maxRecordLength ? "quote_not_closed" : "text_after_quote");
        }
      } else {
        end = from;
        while (end < text.length && !endsField(text.charCodeAt(end), separatorCode)) end += 1;
        fields.push(text.slice(from, end));
      }
      if (end === text.length && !isLast)
        return text.length - at > maxRecordLength ? giveUp("quote_not_closed") : false;
      if (text.charCodeAt(end) === separatorCode) {
        from = end + 1;
        continue;
      }
      if (end - at > maxRecordLength) return giveUp("quote_not_closed");
      const raw = text.slice(at, end);
      if (hasNul && raw.includes("\0")) records.push({ line, fields: [], raw, fault: "nul_character" });
      else records.push({ line, fields, raw, fault: undefined });
      line += breaks;
      stepOver(end);
      return true;
    }
  };

  /** Gives up a record: its first physical line is the fault, what follows is read anew. False when more text is needed. */
  const giveUp = (fault: RecordFault): boolean => {
    const end = findLineEnd(text, at);
    const isTooLong = end - at > maxRecordLength;
    if (end === text.length && !isLast && !isTooLong) return false;
    const kept = isTooLong ? at + Math.min(keptOfLongLine, maxRecordLength) : end;
    records.push({ line, fields: [], raw: text.slice(at, kept), fault: isTooLong ? "record_too_long" : fault });
    isDropping = end === text.length;
    stepOver(end);
    return true;
  };

  const dropLine = (): void => {
    const end = findLineEnd(text, at);
    isDropping = end === text.length;
    stepOver(end);
  };

  /** Moves `at` behind the line end that stands at an index. */
  const stepOver = (index: number): void => {
    at = index;
    if (index === text.length) return;
    line += 1;
    at = index + 1;
    if (text.charCodeAt(index) === lineFeed) return;
    isAfterCr = at === text.length;
    if (text.charCodeAt(at) === lineFeed) at += 1;
  };

  return {
    push: (piece) => read(piece),
    end: () => {
      isLast = true;
      return read("");
    },
    currentLine: () => line + countLineBreaks(text, at, text.length),
  };
}

function endsField(code: number, separatorCode: number): boolean {
  return code === separatorCode || code === lineFeed || code === carriageReturn;
}

/** The index of the quote that closes the one at `from`; -1 when the text ends before that is decided. */
function findClosingQuote(text: string, from: number, isLast: boolean): number {
  let index = text.indexOf('"', from + 1);
  while (index !== -1 && text.charCodeAt(index + 1) === quote) index = text.indexOf('"', index + 2);
  return index + 1 === text.length && !isLast ? -1 : index;
}

function withoutDoubling(quoted: string): string {
  return quoted.includes('""') ? quoted.replaceAll('""', '"') : quoted;
}

function findLineEnd(text: string, from: number): number {
  for (let index = from; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === lineFeed || code === carriageReturn) return index;
  }
  return text.length;
}

function countLineBreaks(text: string, from: number, to: number): number {
  let count = 0;
  for (let index = from; index < to; index += 1) {
    const code = text.charCodeAt(index);
    if (code === lineFeed || (code === carriageReturn && text.charCodeAt(index + 1) !== lineFeed)) count += 1;
  }
  return count;
}
