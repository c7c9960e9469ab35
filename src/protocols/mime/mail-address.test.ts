import assert from "node:assert/strict";
import { test } from "node:test";

import { isMailAddress, needsSmtpUtf8, toWireAddress } from "./mail-address.ts";

test("ordinary addresses are accepted", () => {
  for (const address of [
    "a@b.co",
    "john.doe+tag@mail.example.org",
    "o'neil@example.test",
    "zoë@exämple.de",
    "用户@例子.中国",
    "a@xn--exmple-cua.de",
    "_x-1@a-b.c0.info",
  ]) {
    assert.equal(isMailAddress(address), true, address);
  }
});

test("what could become a second recipient, a command or a header is refused", () => {
  const refused = [
    "",
    "a",
    "@example.test",
    "a@",
    "a@b",
    '"a@evil.example x"@inner.example',
    "<a@x.test>,<b@y.test>",
    "a@x.test,b@y.test",
    "a@x.test b@y.test",
    "a(comment)@x.test",
    "a@b.test\r\nRCPT TO:<c@d.test>",
    "a@b.test\n",
    "a b@c.test",
    "a@b.test> SIZE=1",
    "Group: a@b.test;",
    "a@@b.test",
    "a@b@c.test",
    ".a@b.test",
    "a.@b.test",
    "a..b@c.test",
    "a@b..test",
    "a@-b.test",
    "a@b-.test",
    "a@[127.0.0.1]",
    "a@1.2.3.4",
    "a\u0000@b.test",
    "a\u2028@b.test",
    "a\u00a0@b.test",
    `${"a".repeat(65)}@b.test`,
    `${"é".repeat(33)}@b.test`,
    `a@${"b".repeat(250)}.test`,
    "\ud800@b.test",
  ];
  for (const address of refused) assert.equal(isMailAddress(address), false, JSON.stringify(address));
});

test("a domain of another script goes out in ASCII; letters before the @ need SMTPUTF8", () => {
  assert.equal(toWireAddress("john@exämple.de"), "john@xn--exmple-cua.de");
  assert.equal(needsSmtpUtf8(toWireAddress("john@exämple.de")), false);
  assert.equal(needsSmtpUtf8(toWireAddress("zoë@example.de")), true);
  assert.equal(toWireAddress("A@B.test"), "A@B.test");
});
