/** Writes one record of a CSV file. */

import type { Separator } from "./csv-record.ts";
import { defuseFormula } from "./formula.ts";

export type CsvWriting = {
  readonly separator: Separator;
  /** False writes formulas as they are, for programs that are no spreadsheets. */
  readonly isDefused: boolean;
};

/** One record with its line end (CRLF, RFC 4180); cells are quoted where they must be. */
export function writeCsvRow(fields: readonly string[], { separator, isDefused }: CsvWriting): string {
  const cells = fields.map((field) => writeCell(isDefused ? defuseFormula(field) : field, separator));
  // A line without any character would be taken for no record at all.
  return `${cells.length === 1 && cells[0] === "" ? '""' : cells.join(separator)}\r\n`;
}

function writeCell(text: string, separator: Separator): string {
  const mustBeQuoted = text.includes(separator) || /["\r\n]|^\s|\s$/.test(text);
  return mustBeQuoted ? `"${text.replaceAll('"', '""')}"` : text;
}
