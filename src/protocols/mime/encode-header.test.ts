import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";
import PostalMime from "postal-mime";

import { cleanText, formatMailboxHeader, formatTextHeader } from "./encode-header.ts";

/** Any text, with what breaks headers made likely. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 20 }),
      fc.string({ unit: "binary", maxLength: 5 }),
      fc.constantFrom(
        "\r\nBcc: x@y.test",
        "\n",
        "\r",
        "\u2028",
        "=?UTF-8?Q?=41?=",
        " ",
        "  ",
        "\u0000",
        "é",
        "株式会社",
        "<a@b.test>",
        '"',
        "\\",
        ",",
        "\ud800",
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

test("any text makes one header of ASCII, folded, that reads back as the same words", async () => {
  await fc.assert(
    fc.asyncProperty(anyText, async (text) => {
      const header = formatTextHeader("Subject", text);
      assertOneHeader(header, "Subject");
      const mail = await PostalMime.parse(`${header}X-After: kept\r\n\r\n`);
      assert.equal(mail.subject ?? "", cleanText(text));
      assert.equal(mail.headers.length, 2);
    }),
    { numRuns: 500 },
  );
});

test("any display name makes one mailbox with the address that was given", async () => {
  await fc.assert(
    fc.asyncProperty(anyText, async (name) => {
      const header = formatMailboxHeader("From", { name, address: "sender@example.test" });
      assertOneHeader(header, "From");
      const mail = await PostalMime.parse(`${header}\r\n`);
      assert.equal(mail.from?.address, "sender@example.test");
      assert.equal(mail.from?.name.replace(/ +/g, " "), cleanText(name).replace(/ +/g, " "));
    }),
    { numRuns: 500 },
  );
});

test("a text of 10 KB is folded into lines below the limit of servers", () => {
  for (const text of ["word ".repeat(2_000), "x".repeat(10_000), "é".repeat(5_000), "株".repeat(3_000)]) {
    assertOneHeader(formatTextHeader("Subject", text), "Subject");
  }
});

test("plain words stay readable", () => {
  assert.equal(formatTextHeader("Subject", "Hello, world!"), "Subject: Hello, world!\r\n");
  assert.equal(
    formatMailboxHeader("From", { name: "Postrider News", address: "news@example.test" }),
    "From: Postrider News <news@example.test>\r\n",
  );
  assert.equal(
    formatMailboxHeader("From", { name: "Shop, Inc.", address: "news@example.test" }),
    'From: "Shop, Inc." <news@example.test>\r\n',
  );
});

test("an encoded word never cuts a character in two", () => {
  const words = formatTextHeader("Subject", "ж".repeat(300)).match(/=\?UTF-8\?[BQ]\?[^?]*\?=/g) ?? [];
  assert.ok(words.length > 1);
  for (const word of words) {
    assert.ok(word.length <= 75);
    const bytes = Buffer.from(word.slice(10, -2), "base64");
    assert.equal(Buffer.from(bytes.toString()).equals(bytes), true);
  }
});

function assertOneHeader(header: string, name: string): void {
  assert.ok(header.startsWith(`${name}: `) && header.endsWith("\r\n"));
  assert.match(header, /^[\x20-\x7e\r\n]*$/);
  const lines = header.slice(0, -2).split("\r\n");
  for (const [index, line] of lines.entries()) {
    assert.ok(line.length <= 250, `${line.length} characters`);
    if (index > 0) assert.match(line, /^[ \t]+\S/);
    assert.doesNotMatch(line, /[\r\n]/);
  }
}
