/** What a CSV text consists of. */

/** Why a line could not be read as a record; only that line is lost, reading goes on at the next. */
export type RecordFault = "quote_not_closed" | "text_after_quote" | "record_too_long" | "nul_character";

export type CsvRecord = {
  /** Number of the physical line it begins on, from 1. */
  readonly line: number;
  /** The cells; none when there is a fault. */
  readonly fields: readonly string[];
  /** The text as it stands in the file, without its line end; of a line that is too long only the beginning. */
  readonly raw: string;
  readonly fault: RecordFault | undefined;
};

export const separators = [",", ";", "\t", "|"] as const;
export type Separator = (typeof separators)[number];

export type CsvForm = {
  readonly separator: Separator;
  /** Longest record, in UTF-16 units; bounds the memory of the reader. */
  readonly maxRecordLength: number;
};
