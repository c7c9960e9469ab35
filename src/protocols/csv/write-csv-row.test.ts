import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { separators } from "./csv-record.ts";
import { defuseFormula, restoreFormula } from "./formula.ts";
import { createCsvParser } from "./parse-csv.ts";
import { writeCsvRow } from "./write-csv-row.ts";

test("cells that a spreadsheet would run get an apostrophe", () => {
  for (const text of ["=1+1", "+33 1 23", "-5", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x"])
    assert.equal(defuseFormula(text), `'${text}`);
  for (const text of ["1=1", "a@b.c", "O'Brien", "'quoted'", "", "  =1"]) assert.equal(defuseFormula(text), text);
});

test("a defused cell is restored, whatever it began with", () => {
  const text = fc
    .array(fc.constantFrom("'", "=", "+", "-", "@", "\t", "\r", "\n", "＝", "a", '"', ",", " ", "é"), { maxLength: 8 })
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (text) => assert.equal(restoreFormula(defuseFormula(text)), text)),
    { numRuns: 3_000 },
  );
});

test("what is written is read back, cell for cell", () => {
  const cell = fc
    .array(fc.constantFrom('"', "'", ",", ";", "|", "\t", "\n", "\r", "\r\n", "=", "a", " ", "名", "😀"), {
      maxLength: 8,
    })
    .map((parts) => parts.join(""));
  const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { maxLength: 6 });
  fc.assert(
    fc.property(rows, fc.constantFrom(...separators), fc.boolean(), (rows, separator, isDefused) => {
      const parser = createCsvParser({ separator, maxRecordLength: 10_000 });
      const text = rows.map((row) => writeCsvRow(row, { separator, isDefused })).join("");
      const read = [...parser.push(text), ...parser.end()].map(({ fields }) =>
        fields.map((field) => (isDefused ? restoreFormula(field) : field)),
      );
      assert.deepEqual(read, rows);
    }),
    { numRuns: 3_000 },
  );
});
