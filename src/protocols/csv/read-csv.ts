/** Reads a CSV file from its bytes: recognises what it is, decodes it, and gives its records out in batches. */

import type { CsvRecord, Separator } from "./csv-record.ts";
import { createTextDecoding, type Encoding } from "./decode-text.ts";
import { detectContent, detectionBytes } from "./detect-content.ts";
import { detectSeparator } from "./detect-separator.ts";
import { createCsvParser } from "./parse-csv.ts";

export type CsvOptions = {
  readonly encoding: Encoding;
  /** Undefined: found out from the first lines. */
  readonly separator: Separator | undefined;
  /** Longest record, in UTF-16 units. */
  readonly maxRecordLength: number;
};

export type CsvReading =
  | { readonly kind: "records"; readonly records: readonly CsvRecord[]; readonly separator: Separator }
  /** The last answer: the file is no CSV text. `name` completes "the file is ...". */
  | { readonly kind: "not_text"; readonly name: string }
  /** The last answer: a byte on this line does not belong to the encoding. */
  | { readonly kind: "wrong_encoding"; readonly line: number };

/**
 * Reads records as the bytes come; the first one is the heading. Memory holds one chunk and one record.
 * @param chunks the file's bytes, in pieces of any size; a piece may be overwritten once the next one is asked for
 */
export async function* readCsv(chunks: AsyncIterable<Buffer>, options: CsvOptions): AsyncGenerator<CsvReading, void> {
  const { head, following } = await takeHead(chunks);
  const content = detectContent(head);
  if (content.kind === "other") return yield { kind: "not_text", name: content.name };

  // A mark at the beginning says what the encoding is, whatever was asked for.
  const decoding = createTextDecoding(content.markBytes > 0 ? "utf-8" : options.encoding);
  const first = decoding.push(head.subarray(content.markBytes));
  const separator = options.separator ?? detectSeparator(first.text);
  const parser = createCsvParser({ separator, maxRecordLength: options.maxRecordLength });

  const decoded = async function* (): AsyncGenerator<{ text: string; isBroken: boolean }> {
    yield first;
    for await (const chunk of following) yield decoding.push(chunk);
    yield decoding.end();
  };
  for await (const { text, isBroken } of decoded()) {
    const records = parser.push(text);
    if (records.length > 0) yield { kind: "records", records, separator };
    if (isBroken) return yield { kind: "wrong_encoding", line: parser.currentLine() };
  }
  const records = parser.end();
  if (records.length > 0) yield { kind: "records", records, separator };
}

/** Gathers the bytes that the file is judged by, and gives the rest on. */
async function takeHead(chunks: AsyncIterable<Buffer>): Promise<{ head: Buffer; following: AsyncIterable<Buffer> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const parts: Buffer[] = [];
  let length = 0;
  while (length < detectionBytes) {
    const { value, done } = await iterator.next();
    if (done === true) break;
    parts.push(Buffer.from(value));
    length += value.length;
  }
  return { head: Buffer.concat(parts), following: { [Symbol.asyncIterator]: () => iterator } };
}
