import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";
import PostalMime from "postal-mime";

import { cleanText } from "./encode-header.ts";
import { formatParameter } from "./encode-parameter.ts";

test("a plain name stands in quotes", () => {
  assert.equal(formatParameter("filename", "price list.pdf"), ';\r\n filename="price list.pdf"');
  assert.equal(formatParameter("filename", 'a"b\\c.txt'), ';\r\n filename="a\\"b\\\\c.txt"');
});

test("a name in another script is percent-encoded, in sections where it is long", () => {
  assert.equal(formatParameter("filename", "été.pdf"), ";\r\n filename*=UTF-8''%C3%A9t%C3%A9.pdf");
  const long = formatParameter("filename", `${"株式会社".repeat(12)}.pdf`)
    .split(";\r\n")
    .slice(1);
  assert.ok(long.length > 2);
  for (const [index, line] of long.entries()) {
    assert.ok(line.startsWith(` filename*${index}*=`), line);
    assert.ok(line.length < 76);
    assert.doesNotThrow(() => decodeURIComponent(line.slice(line.indexOf("=") + 1).replace("UTF-8''", "")));
  }
});

test("any name reads back as it was written, in one header", async () => {
  const anyName = fc
    .array(
      fc.oneof(
        fc.string({ unit: "grapheme", maxLength: 20 }),
        fc.constantFrom("\r\nBcc: x@y.test", "\u2028", "=?", '"', "\\", ";", "%41", "'", "株", ".pdf"),
      ),
      { minLength: 1, maxLength: 12 },
    )
    .map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(anyName, async (name) => {
      const parameter = formatParameter("filename", name);
      assert.match(parameter, /^[\x20-\x7e\r\n]*$/);
      for (const line of parameter.split("\r\n")) assert.ok(line.length <= 77);
      const mail = await PostalMime.parse(
        `Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment${parameter}\r\n\r\nx\r\n--x--\r\n`,
      );
      assert.equal(mail.headers.length, 1);
      const [attachment] = mail.attachments;
      assert.equal(attachment?.filename ?? "", cleanText(name));
    }),
    { numRuns: 300 },
  );
});
