import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { encodeQuotedPrintable, quotedPrintableBound, writeValue } from "./quoted-printable.ts";

const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 60 }),
      fc.constantFrom("\r\n", "\n", "\r", ".", " ", "  ", "\t", "=", "\n.\n", "é", "株", "\u0000", "x".repeat(80)),
    ),
    { maxLength: 15 },
  )
  .map((parts) => parts.join(""));

test("any text comes back, with CRLF for its line breaks", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const encoded = encodeQuotedPrintable(text).toString("latin1");
      assertSafeLines(encoded);
      assert.equal(decode(encoded), text.toWellFormed().replace(/\r\n|\r|\n/g, "\r\n"));
    }),
    { numRuns: 1_000 },
  );
});

test("any value comes back from a line of its own, and holds no runs of blanks for DKIM to shorten", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const target = Buffer.alloc(quotedPrintableBound(Buffer.byteLength(text)) + 10);
      const end = writeValue(text, target, 10);
      assert.ok(end <= target.length);
      const encoded = target.subarray(10, end).toString("latin1");
      assertSafeLines(encoded);
      assert.doesNotMatch(encoded, /[ \t]{2}|\t|[ \t]$|^[ ]/m);
      assert.equal(decode(encoded), text.toWellFormed().replace(/\r\n|\r|\n/g, "\r\n"));
    }),
    { numRuns: 1_000 },
  );
});

test("the bound holds for the text that grows most", () => {
  for (const length of [0, 1, 24, 25, 26, 75, 1_000]) {
    const bytes = encodeQuotedPrintable("=".repeat(length));
    assert.ok(bytes.length <= quotedPrintableBound(length));
  }
});

function assertSafeLines(encoded: string): void {
  for (const line of encoded.split("\r\n")) {
    assert.ok(line.length <= 76);
    assert.doesNotMatch(line, /^\.|[ \t]$|[^\x20-\x7e\t]/);
  }
}

/** RFC 2045 read the other way. */
function decode(encoded: string): string {
  const bytes = encoded
    .replace(/=\r\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString();
}
