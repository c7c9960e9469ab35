import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { parseEnvelopeAddress } from "./envelope-address.ts";

for (const text of [
  "a@b.test",
  "first.last+tag@mail.example.org",
  "b-1a-2b-abc@bounce.example.org",
  "o'neil@x.test",
  "root@localhost",
]) {
  test(`${text} is written as it is`, () => assert.equal(parseEnvelopeAddress(text)?.text, text));
}

test("the domain is written in ASCII and lower case", () => {
  assert.deepEqual(parseEnvelopeAddress("jörg@MÜLLER.example"), {
    text: "jörg@xn--mller-kva.example",
    domain: "xn--mller-kva.example",
    needsSmtpUtf8: true,
  });
  assert.equal(parseEnvelopeAddress("info@müller.example")?.needsSmtpUtf8, false);
});

for (const text of [
  "",
  "a",
  "@b.test",
  "a@",
  "a b@c.test",
  "a@b .test",
  "a@b.test ",
  "a@b.test\r\nRCPT TO:<x@y.test>",
  "a\r\n@b.test",
  "a\n@b.test",
  "a\u0000@b.test",
  "a\u2028@b.test",
  "a\u202e@b.test",
  "<a@b.test>",
  "<a@b.test>,<c@d.test>",
  "a@b.test,c@d.test",
  "a@b.test> SIZE=1",
  'a"b"@c.test',
  '"a@evil.example x"@inner.example',
  "a(comment)@b.test",
  "a\\b@c.test",
  "a@b@c.test",
  "a..b@c.test",
  ".a@c.test",
  "a.@c.test",
  "a@[127.0.0.1]",
  "a@127.0.0.1",
  "a@0x7f.1",
  "a@b..test",
  "a@-b.test",
  "a@b.test/path",
  "a@b.test:25",
  "a@%6d.test",
  "a@b;c.test",
  `${"x".repeat(65)}@b.test`,
  `a@${"x".repeat(64)}.test`,
  `${"x".repeat(60)}@${"y".repeat(60)}.${"y".repeat(60)}.${"y".repeat(60)}.${"y".repeat(60)}.test`,
]) {
  test(`${JSON.stringify(text).slice(0, 60)} is refused`, () => assert.equal(parseEnvelopeAddress(text), undefined));
}

test("no text that is accepted can hold a second command, parameter or recipient", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }).map((text) => `${text}@b.test`),
    fc.string({ unit: "binary", maxLength: 40 }).map((text) => `a@${text}`),
    fc.string({ unit: "binary", maxLength: 40 }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const address = parseEnvelopeAddress(text);
      if (address === undefined) return;
      assert.doesNotMatch(address.text, /[\s\p{C}\p{Z}<>()[\]\\,;:"]/u);
      assert.equal(address.text.split("@").length, 2);
    }),
    { numRuns: 2_000 },
  );
});
