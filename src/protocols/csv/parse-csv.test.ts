import assert from "node:assert/strict";
import { test } from "node:test";

import { parse } from "csv-parse/sync";
import fc from "fast-check";

import type { CsvRecord, Separator } from "./csv-record.ts";
import { separators } from "./csv-record.ts";
import { createCsvParser } from "./parse-csv.ts";

const roomy = 1_000_000;

type Reading = { readonly separator?: Separator; readonly maxRecordLength?: number; readonly cuts?: readonly number[] };

function readAll(text: string, { separator = ",", maxRecordLength = roomy, cuts = [] }: Reading = {}): CsvRecord[] {
  const parser = createCsvParser({ separator, maxRecordLength });
  const edges = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  const records = edges.slice(1).flatMap((edge, index) => parser.push(text.slice(edges[index], edge)));
  return [...records, ...parser.end()];
}

const cells = (records: readonly CsvRecord[]): (readonly string[])[] => records.map(({ fields }) => fields);

test("cells with separators, quotes and line ends inside quotes are one cell each", () => {
  const records = readAll('a,"b, c","say ""hi""","two\r\nlines"\r\nd,,"",e');
  assert.deepEqual(cells(records), [
    ["a", "b, c", 'say "hi"', "two\r\nlines"],
    ["d", "", "", "e"],
  ]);
});

test("LF, CRLF and CR may end the lines of one text, and each counts as one line", () => {
  const records = readAll('a\nb\r\nc\r"d\r\ne\rf"\rg\n\nh');
  assert.deepEqual(
    records.map(({ line, raw }) => [line, raw]),
    [
      [1, "a"],
      [2, "b"],
      [3, "c"],
      [4, '"d\r\ne\rf"'],
      [7, "g"],
      [8, ""],
      [9, "h"],
    ],
  );
});

test("a quote inside a cell that does not begin with one is text", () => {
  assert.deepEqual(cells(readAll('5" nail,O"Brien\n')), [['5" nail', 'O"Brien']]);
});

test("a quote that is never closed costs its own line only", () => {
  const records = readAll('a,b\n"open,c\nd,e\nf,g');
  assert.deepEqual(
    records.map(({ line, raw, fault }) => [line, raw, fault]),
    [
      [1, "a,b", undefined],
      [2, '"open,c', "quote_not_closed"],
      [3, "d,e", undefined],
      [4, "f,g", undefined],
    ],
  );
});

test("text behind a closing quote costs its own line only, also when the quote that closed stood lines below", () => {
  const records = readAll('"a"b,c\n"open,d\ne,"f"\ng');
  assert.deepEqual(
    records.map(({ line, fields, fault }) => [line, fields, fault]),
    [
      [1, [], "text_after_quote"],
      [2, [], "text_after_quote"],
      [3, ["e", "f"], undefined],
      [4, ["g"], undefined],
    ],
  );
});

test("a line that is too long is told with its beginning, and the next line is read", () => {
  const records = readAll(`a,b\n${"x".repeat(5_000)}\nc,d`, { maxRecordLength: 2_000 });
  assert.deepEqual(
    records.map(({ line, raw, fault }) => [line, raw.length, fault]),
    [
      [1, 3, undefined],
      [2, 1_000, "record_too_long"],
      [3, 3, undefined],
    ],
  );
});

test("a quoted cell that grows beyond the longest record is given up at its first line", () => {
  const lines = Array.from({ length: 400 }, (_, index) => `row ${index},x`);
  const records = readAll(`"open,c\n${lines.join("\n")}`, { maxRecordLength: 1_000 });
  assert.equal(records[0]?.fault, "quote_not_closed");
  assert.equal(records.length, 401);
  assert.deepEqual(records[400]?.fields, ["row 399", "x"]);
});

test("a NUL costs its own record", () => {
  const records = readAll("a,b\nc\0,d\ne,f");
  assert.deepEqual(
    records.map(({ fault }) => fault),
    [undefined, "nul_character", undefined],
  );
});

test("a text of nothing holds no record, one line end holds an empty one", () => {
  assert.deepEqual(readAll(""), []);
  assert.deepEqual(cells(readAll("\n")), [[""]]);
  assert.deepEqual(cells(readAll("a,")), [["a", ""]]);
});

test("a long line without end holds no more memory than the longest record", () => {
  const parser = createCsvParser({ separator: ",", maxRecordLength: 10_000 });
  const piece = "x".repeat(64 * 1024);
  const records = Array.from({ length: 1_600 }, () => parser.push(piece)).flat();
  assert.deepEqual(
    records.map(({ fault }) => fault),
    ["record_too_long"],
  );
  assert.deepEqual(cells(parser.push("y\nz\n")), [["z"]]);
});

const wildText = fc
  .array(
    fc.constantFrom(
      '"',
      '"',
      '""',
      ",",
      ";",
      "\t",
      "|",
      "\n",
      "\r",
      "\r\n",
      "a",
      "bc",
      " ",
      "é",
      "名",
      "😀",
      "\0",
      "'",
    ),
    { maxLength: 60, size: "max" },
  )
  .map((parts) => parts.join(""));
const cuts = fc.array(fc.nat(), { maxLength: 8 });

test("what is read does not depend on where the text is cut", () => {
  fc.assert(
    fc.property(
      wildText,
      cuts,
      fc.constantFrom(...separators),
      fc.integer({ min: 1, max: 30 }),
      (text, cuts, separator, maxRecordLength) => {
        assert.deepEqual(
          readAll(text, { separator, maxRecordLength, cuts }),
          readAll(text, { separator, maxRecordLength }),
        );
      },
    ),
    { numRuns: 3_000 },
  );
});

test("no line is lost: numbers rise, and each record begins where the one before ended", () => {
  fc.assert(
    fc.property(wildText, cuts, (text, cuts) => {
      const records = readAll(text, { cuts });
      assert.equal(
        records
          .map(({ raw }) => raw)
          .join("")
          .replace(/[\r\n]/g, ""),
        text.replace(/[\r\n]/g, ""),
      );
      const lines = text.split(/\r\n|\r|\n/);
      for (const { line, raw } of records)
        assert.ok((lines[line - 1] ?? "").startsWith(raw.split(/[\r\n]/)[0] ?? ""), `line ${line}`);
    }),
    { numRuns: 3_000 },
  );
});

test("records are the ones that csv-parse reads, wherever the text is cut", () => {
  const cell = fc
    .array(fc.constantFrom('"', ",", ";", "\n", "\r", "\r\n", "a", "b", " ", "é", "名", "😀", "'"), { maxLength: 8 })
    .map((parts) => parts.join(""));
  const row = fc.record({
    cells: fc.array(fc.tuple(cell, fc.boolean()), { minLength: 1, maxLength: 5 }),
    end: fc.constantFrom("\n", "\r\n", "\r"),
  });
  let compared = 0;
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), cuts, fc.constantFrom(...separators), (rows, cuts, separator) => {
      const text = rows
        .map(({ cells, end }) => {
          const written = cells.map(([value, isQuoted]) =>
            isQuoted || value.includes(separator) || /["\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value,
          );
          return written.join(separator) + end;
        })
        .join("");
      const expected = parse(text, {
        delimiter: separator,
        record_delimiter: ["\r\n", "\n", "\r"],
        relax_column_count: true,
        relax_quotes: false,
      });
      assert.deepEqual(cells(readAll(text, { separator, cuts })), expected);
      compared += expected.length;
    }),
    { numRuns: 3_000 },
  );
  assert.ok(compared > 1_000);
});
