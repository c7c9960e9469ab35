import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import {
  base64Bound,
  base64SliceBound,
  encodeBase64Lines,
  nothingLeft,
  prepareBase64Slice,
  writeBase64Slice,
  writeBase64Value,
} from "./base64-lines.ts";

test("bytes in base64 come back, in lines of 76 characters at most that end with CRLF", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (given) => {
      const bytes = Buffer.from(given);
      const encoded = encodeBase64Lines(bytes);
      assert.ok(encoded.length <= base64Bound(bytes.length));
      assert.deepEqual(Buffer.from(encoded.toString("latin1"), "base64"), bytes);
      assertLines(encoded);
    }),
  );
});

test("a part of constant slices and values comes back whole, however short or long each of them is", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 120 }).map((any) => any.replace(/[\r\n]+/g, "\r\n"));
  fc.assert(
    fc.property(text, fc.array(fc.tuple(text, text), { maxLength: 6 }), (begin, rest) => {
      const slices = [begin, ...rest.map(([, slice]) => slice)].map((slice, index) =>
        prepareBase64Slice(Buffer.from(slice), index === rest.length),
      );
      const values = rest.map(([value]) => value);
      const room =
        slices.reduce((sum, slice) => sum + base64SliceBound(slice), 0) +
        values.reduce((sum, value) => sum + base64Bound(Buffer.byteLength(value) + 2), 0);
      const target = Buffer.alloc(room);
      let progress = { at: 0, leftover: nothingLeft };
      for (const [index, slice] of slices.entries()) {
        progress = writeBase64Slice(slice, progress.leftover, target, progress.at);
        const value = values[index];
        if (value !== undefined) progress = writeBase64Value(value, progress.leftover, target, progress.at);
      }
      assert.equal(progress.leftover.length, 0);
      const encoded = target.subarray(0, progress.at);
      assert.equal(
        Buffer.from(encoded.toString("latin1"), "base64").toString(),
        (begin + rest.flat().join("")).toWellFormed(),
      );
      assertLines(encoded);
    }),
    { numRuns: 500 },
  );
});

function assertLines(encoded: Buffer): void {
  const lines = encoded.toString("latin1").split("\r\n");
  assert.equal(lines.pop(), "");
  for (const [index, line] of lines.entries()) {
    assert.match(line, /^[A-Za-z0-9+/]{1,76}={0,2}$/);
    assert.ok(line.length <= 76);
    assert.ok(index === lines.length - 1 || !line.includes("="), "padding stands at the end only");
  }
}
