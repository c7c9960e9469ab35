/** Datagrams of other programs, and datagrams that are none. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";

import * as fc from "fast-check";

import { encodeLogDatagram, longestDatagramBytes, parseLogDatagram } from "./log-datagram.ts";

const sender = { module: "web", instance: "default", host: "front1", pid: 42, threadId: 0, traceFile: undefined };
const parse = (text: string): unknown => parseLogDatagram(Buffer.from(text));

test("our own form is what RFC 5424 says", () => {
  const time = new Date("2026-11-21T03:04:05.678Z");
  const datagram = encodeLogDatagram(
    { time, level: "error", type: "log", event: "web.failed", fields: { reason: "é" } },
    sender,
    9,
  );
  assert.equal(
    datagram.toString("utf8"),
    '<131>1 2026-11-21T03:04:05.678Z front1 web 42 web.failed [meta sequenceId="9"][postrider@32473 instance="default" level="error" type="log" tid="0"] \ufeffweb.failed reason=é',
  );
  const line = parseLogDatagram(datagram);
  assert.ok(line.kind === "module");
  assert.deepEqual(line.time, time);
  assert.equal(line.message, "web.failed reason=é");
});

test("foreign lines of both standards are read", () => {
  const cases: [string, { tag: string; pid: number; level: string; message: string }][] = [
    [
      '<13>1 2026-11-21T03:13:00.123456+00:00 host root - - [timeQuality tzKnown="1" isSynced="0"] hello',
      { tag: "root", pid: 0, level: "info", message: "hello" },
    ],
    [
      "<34>Oct 11 22:14:15 mymachine su: 'su root' failed",
      { tag: "su", pid: 0, level: "error", message: "'su root' failed" },
    ],
    ["<38>Feb  5 17:32:18 sshd[4242]: accepted", { tag: "sshd", pid: 4242, level: "info", message: "accepted" }],
    ["<12>no header at all: here", { tag: "", pid: 0, level: "warning", message: "no header at all: here" }],
    ["plain text", { tag: "", pid: 0, level: "info", message: "plain text" }],
    ["<999>x", { tag: "", pid: 0, level: "verbose", message: "x" }],
    ["", { tag: "", pid: 0, level: "info", message: "" }],
    ["<165>1 - - - - - - \ufeffMSG\n", { tag: "", pid: 0, level: "info", message: "MSG" }],
    ['<165>1 - - app 1 - [a b="c\\"\\]d"] text', { tag: "app", pid: 1, level: "info", message: "text" }],
    ['<165>1 - - app 1 - [a b="c text', { tag: "app", pid: 1, level: "info", message: '[a b="c text' }],
  ];
  for (const [text, expected] of cases) assert.deepEqual(parse(text), { kind: "foreign", ...expected }, text);
});

test("a line that claims to be ours but lacks what ours have is foreign", () => {
  const head = "<14>1 2026-11-21T03:13:00Z h web 1 e";
  for (const data of [
    "[postrider@32473]",
    '[postrider@32473 level="info"]',
    '[meta sequenceId="x"][postrider@32473 level="info"]',
    '[meta sequenceId="1"][postrider@32473 level="constructor"]',
  ]) {
    assert.equal(parseLogDatagram(Buffer.from(`${head} ${data} m`)).kind, "foreign", data);
  }
});

test("whatever arrives becomes one line of bounded length without control characters", () => {
  const check = (bytes: Buffer): void => {
    const { message } = parseLogDatagram(bytes);
    assert.doesNotMatch(message, /[\p{Cc}\u2028\u2029\u202a-\u202e]/u);
    assert.ok(Buffer.byteLength(message) <= longestDatagramBytes);
  };
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => check(Buffer.from(bytes))));
  const pieces = fc.constantFrom(
    "<13>",
    "1 ",
    "- ",
    "[",
    "]",
    '"',
    "\\",
    "=",
    "a",
    "postrider@32473",
    " ",
    'meta sequenceId="1"',
    ":",
  );
  fc.assert(fc.property(fc.array(pieces, { maxLength: 60 }), (words) => check(Buffer.from(words.join("")))));
  for (const size of [1, 8_191, 8_192, 8_193, 65_507]) {
    check(randomBytes(size));
    check(Buffer.alloc(size, 0));
    check(Buffer.alloc(size, "é"));
    check(Buffer.from(`<14>1 - - - - - ${'[a b="c"]'.repeat(size)}`.slice(0, size)));
    check(Buffer.from(`<14>1 - - - - - [a${' b="c"'.repeat(size)}`.slice(0, size)));
  }
});
