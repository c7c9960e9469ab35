import assert from "node:assert/strict";
import { test } from "node:test";

import { processorMs } from "#test/support/processor-time.ts";

import { normalizeReply } from "./normalize-reply.ts";

test("answers that differ in names, numbers and times become one text", () => {
  const pairs: [string, string, string][] = [
    [
      "550 5.1.1 <john@a.test>: Recipient address rejected: User unknown",
      "550 5.1.1 <zoe.x@b.test>: Recipient address rejected: User unknown",
      "550 5.1.1 <*>: Recipient address rejected: User unknown",
    ],
    [
      "421 4.7.0 [192.0.2.1] try later 3ab12cd45ef.12",
      "421 4.7.0 [198.51.100.77] try later 99aa88bb77c.12",
      "421 4.7.0 [#IP#] try later #ID#.12",
    ],
    [
      "452 4.2.2 mailbox of 10485760 bytes is full",
      "452 4.2.2 mailbox of 20485760 bytes is full",
      "452 4.2.2 mailbox of #ID# bytes is full",
    ],
    [
      "Host mx1.a.test not found, see https://a.test/x?1",
      "Host mx.other.example not found, see http://b.test",
      "Host #DOMAIN# not found, see #URL#",
    ],
    ["Wed, 18 Nov 2026 10:00:00 +0000 over", "Sat, 21 Nov 2026 11:22:33 +0100 over", "#DATE# over"],
    ["2001:db8:0:1::17 refused", "2001:db8:0:2::99 refused", "#IP# refused"],
  ];
  for (const [one, other, expected] of pairs) {
    assert.equal(normalizeReply(one), normalizeReply(other));
    assert.equal(normalizeReply(one).replace("#NUMBER#", "#ID#"), expected);
  }
});

test("codes stay, blanks and line breaks become one space", () => {
  assert.equal(normalizeReply("550-5.7.1 one\r\n550   5.7.1\ttwo "), "550-5.7.1 one 550 5.7.1 two");
});

test("an endless answer is cut, and read in no time", () => {
  const started = processorMs();
  for (const text of [
    "a.".repeat(500_000),
    "1:".repeat(500_000),
    "x@".repeat(500_000),
    "\ud800".repeat(100_000),
    "a-".repeat(500_000),
  ]) {
    assert.ok(normalizeReply(text).length <= 400);
  }
  assert.ok(processorMs() - started < 1_000);
});
