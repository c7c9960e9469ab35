import assert from "node:assert/strict";
import test from "node:test";

import fc from "fast-check";

import { processorMs } from "#test/support/processor-time.ts";

import { normaliseReply, qualifyReply, readEnhancedStatus, readReplyCode } from "./qualify-reply.ts";

const replies: readonly (readonly [string, string])[] = [
  ["550 5.1.1 <jo@example.com>: Recipient address rejected: User unknown in virtual mailbox table", "hard userUnknown"],
  [
    "550-5.1.1 The email account that you tried to reach does not exist.\n550 5.1.1 Please check it",
    "hard userUnknown",
  ],
  ["550 No such user here", "hard userUnknown"],
  ["550 5.4.1 Recipient address rejected: Access denied. [mx.example.net]", "hard userUnknown"],
  ["550 5.7.1 Recipient address rejected: Access denied", "soft refused"],
  ["554 delivery error: dd This user doesn't have an account here", "hard userUnknown"],
  ["550 5.2.1 The email account that you tried to reach is disabled", "hard accountDisabled"],
  ["450 4.1.1 <jo@example.com>: Recipient address rejected: User unknown", "soft userUnknown"],
  ["552 5.2.2 Mailbox full", "soft mailboxFull"],
  ["550 5.1.1 <jo@example.com>: user is over quota", "soft mailboxFull"],
  ["552 5.3.4 Message size exceeds fixed maximum message size (10485760)", "soft refused"],
  ["554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example", "soft refused"],
  ["550 5.1.1 Message rejected as spam", "soft refused"],
  ["550 5.7.26 This mail is unauthenticated: DMARC policy", "soft refused"],
  ["553 5.1.8 Domain of sender address news@example.org does not exist", "soft refused"],
  ["550 5.1.0 sender rejected", "soft refused"],
  ["550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents delivery", "soft refused"],
  ["451 4.7.1 Greylisted, come back in 5 minutes", "soft refused"],
  ["421 4.7.0 Too many connections from your IP", "soft refused"],
  ["554 5.7.1 <jo@example.com>: Relay access denied", "soft refused"],
  ["DNS query failed for 'exampel.com'", "soft invalidDomain"],
  [
    "Host or domain name not found. Name service error for name=exampel.com type=MX: Host not found",
    "soft invalidDomain",
  ],
  ["connect to mx.example.com[192.0.2.1]:25: Connection timed out", "soft unreachable"],
  ["554 5.4.6 Hop count exceeded - possible mail loop", "soft unreachable"],
  ["421 Service not available, closing transmission channel", "soft unreachable"],
  ["550 5.2.2", "soft mailboxFull"],
  ["550 5.1.1", "hard userUnknown"],
  ["550 5.2.1", "soft accountDisabled"],
  ["550 5.0.0", "soft refused"],
  ["Zut", "soft notDefined"],
  ["250 2.1.5 Ok", "none notDefined"],
];

for (const [text, expected] of replies) {
  test(`'${text.replaceAll("\n", " ")}' is ${expected}`, () => {
    const { type, reason } = qualifyReply({ text });
    assert.equal(`${type} ${reason}`, expected);
  });
}

test("an address that holds a telling word does not decide", () => {
  assert.equal(
    qualifyReply({ text: "550 5.1.1 <spam.quota.full@blocked.example>: User unknown" }).reason,
    "userUnknown",
  );
});

test("a temporary code is never hard, whatever the words", () => {
  fc.assert(
    fc.property(fc.integer({ min: 400, max: 499 }), fc.constantFrom(...replies.map(([text]) => text)), (code, text) => {
      assert.notEqual(qualifyReply({ code, text }).type, "hard");
    }),
  );
});

test("a code that was given wins over one in the text", () => {
  assert.equal(qualifyReply({ code: 450, enhanced: "4.2.1", text: "550 no such user" }).type, "soft");
});

test("codes are read where replies hold them, and numbers elsewhere are not codes", () => {
  assert.equal(readReplyCode("host mx said: 550 5.1.1 no"), 550);
  assert.equal(readReplyCode("smtp; 452-4.2.2 full"), 452);
  assert.equal(readReplyCode("waited 1550 seconds at 192.0.2.550"), undefined);
  assert.equal(readEnhancedStatus("554 5.0.0 then 550 5.1.1 no"), "5.1.1");
  assert.equal(readEnhancedStatus("(#5.5.0)"), "5.5.0");
  assert.equal(readEnhancedStatus("host 5.1.1.9"), undefined);
});

test("normalising hides addresses and the codes of further lines", () => {
  assert.equal(normaliseReply("550-5.1.1 <Jo@Example.com>\r\n550 5.1.1 Unknown"), "* unknown");
});

test("any text is qualified in bounded time", () => {
  const hostile = ["a@", "user ", "mailbox is ", "<", "550 ", "5.1.1-", "quota ", "\u0000", "ユーザ", "'"];
  fc.assert(
    fc.property(fc.constantFrom(...hostile), fc.constantFrom(...hostile), fc.string(), (first, second, rest) => {
      const started = processorMs();
      qualifyReply({ text: (first + second).repeat(20_000) + rest });
      assert.ok(processorMs() - started < 250);
    }),
    { numRuns: 60 },
  );
});
