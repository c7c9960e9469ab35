import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { relaxLines } from "#protocols/dkim/canonicalize.ts";

import { escapeValue } from "../escape-value.ts";
import { encodeScripted } from "./encode-scripted.ts";
import { writeScripted } from "./write-scripted.ts";

const piece = fc.constantFrom(
  "",
  "a",
  ".",
  " ",
  "  ",
  "\t",
  "\r\n",
  "\n",
  "=",
  "é",
  "漢",
  "😀",
  ".x",
  "x".repeat(80),
  " \r\n",
  "--",
  "\n.\n",
);
const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
const slot = { kind: "unsubscribe", content: "t" } as const;
const run = fc.array(
  fc.oneof(
    text.map((value) => ({ text: value })),
    fc.constant({ slot }),
  ),
  { minLength: 1, maxLength: 4 },
);

test("whatever the order of runs and values, the part reads back as their texts in that order, on safe lines", () => {
  fc.assert(
    fc.property(
      fc.array(run, { minLength: 1, maxLength: 4 }),
      fc.array(fc.oneof(fc.nat(3), text), { maxLength: 12 }),
      text,
      (runs, order, slotText) => {
        const valueEntry = runs.length;
        const draft = {
          part: 0,
          entries: [
            ...runs.map((pieces) => ({ kind: "run", pieces }) as const),
            { kind: "value", place: "plainText" } as const,
          ],
        };
        const slotValue = escapeValue(slotText, "plainText");
        const items = order.map((item) => (typeof item === "number" ? item % runs.length : item));
        const { wire, canonical } = writeScripted(
          encodeScripted(draft, (url) => url),
          {
            rendered: [items.flatMap((item) => (typeof item === "number" ? [item] : [valueEntry, item]))],
            slot: () => slotValue,
            link: () => "",
          },
        );
        const expected = items
          .map((item) =>
            typeof item === "string"
              ? escapeValue(item, "plainText")
              : (runs[item] ?? []).map((part) => ("slot" in part ? slotValue : part.text)).join(""),
          )
          .map((part) => part.replace(/\r\n|\r|\n/g, "\r\n"))
          .join("");
        const lines = wire.toString("latin1").split("\r\n");
        assert.equal(lines.pop(), "");
        for (const line of lines) assert.match(line, /^(?!\.)[\t -~]{0,76}$/);
        for (const line of lines) assert.doesNotMatch(line, /[ \t]$/);
        const read = decode(wire);
        assert.ok(read === expected || read === `${expected}\r\n`, JSON.stringify([read, expected]));
        assert.deepEqual(relaxLines(wire), canonical ?? wire);
      },
    ),
    { numRuns: 3_000 },
  );
});

function decode(wire: Buffer): string {
  const joined = wire.toString("latin1").replaceAll("=\r\n", "");
  const bytes = joined.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}
