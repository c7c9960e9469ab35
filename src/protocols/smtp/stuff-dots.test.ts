import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { endLines, isReadyForWire, stuffDots } from "./stuff-dots.ts";

const wireOf = (text: string): string => stuffDots(Buffer.from(text, "latin1")).toString("latin1");

for (const [name, content, wire] of [
  ["a plain message gets its final dot", "a\r\nb\r\n", "a\r\nb\r\n.\r\n"],
  ["a last line without an end gets one", "a\r\nb", "a\r\nb\r\n.\r\n"],
  ["an empty message is a lone dot", "", ".\r\n"],
  ["a dot at the beginning of a line is doubled", ".a\r\n.b\r\n..\r\n", "..a\r\n..b\r\n...\r\n.\r\n"],
  ["a line with one dot does not end the message", "a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"],
  ["bare line feeds around a dot do not end the message", "a\n.\nb\n", "a\r\n..\r\nb\r\n.\r\n"],
  ["bare carriage returns around a dot do not end the message", "a\r.\rb\r", "a\r\n..\r\nb\r\n.\r\n"],
  ["mixed line ends become CRLF", "a\n\r.\r\n\r\rb\n\n", "a\r\n\r\n..\r\n\r\n\r\nb\r\n\r\n.\r\n"],
  ["CR CR LF is two line ends", "a\r\r\n.b", "a\r\n\r\n..b\r\n.\r\n"],
] as const) {
  test(name, () => assert.equal(wireOf(content), wire));
}

/** What a server makes of the wire: lines end in CRLF and nothing else, a doubled dot is one. */
function received(wire: Buffer): string {
  const text = wire.toString("latin1");
  const end = text === ".\r\n" ? 0 : text.indexOf("\r\n.\r\n") + 2;
  assert.equal(end + 3, text.length, "the first line with a lone dot is the last line");
  return text.slice(0, end).replace(/(^|\r\n)\./g, "$1");
}

/** The same message as the standard writes it: each CR, LF or CRLF is one line end, the last line is ended. */
function normalised(content: string): string {
  const lines = content.replace(/\r\n|\r|\n/g, "\r\n");
  return lines === "" || lines.endsWith("\r\n") ? lines : `${lines}\r\n`;
}

const contents = fc.oneof(
  fc
    .array(fc.constantFrom("\r", "\n", "\r\n", ".", "a", "\u0000", "\u00ff", "\r\n.\r\n"), { maxLength: 60 })
    .map((parts) => parts.join("")),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
);

test("any content is one message for any server: CRLF only, one end, the same text", () => {
  fc.assert(
    fc.property(contents, (content) => {
      const wire = stuffDots(Buffer.from(content, "latin1"));
      assert.doesNotMatch(wire.toString("latin1"), /[^\r]\n|^\n|\r(?!\n)/);
      assert.equal(received(wire), normalised(content));
    }),
    { numRuns: 1_000 },
  );
});

test("a content that needs nothing is told apart, and then its wire form is itself and a dot", () => {
  fc.assert(
    fc.property(contents, (content) => {
      const bytes = Buffer.from(content, "latin1");
      const isUnchanged = content !== "" && wireOf(content) === `${content}.\r\n`;
      assert.equal(isReadyForWire(bytes), isUnchanged);
    }),
    { numRuns: 1_000 },
  );
});

test("lines are ended without doubling dots where lengths are told instead", () => {
  fc.assert(
    fc.property(contents, (content) => {
      assert.equal(endLines(Buffer.from(content, "latin1")).toString("latin1"), normalised(content));
    }),
    { numRuns: 1_000 },
  );
  const whole = Buffer.from("a\r\n.\r\n");
  assert.equal(endLines(whole), whole);
});
