import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";
import PostalMime from "postal-mime";

import { cleanText, formatMailboxHeader, formatStructuredHeader, formatTextHeader } from "./encode-header.ts";

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
  for (const text of [
    "word ".repeat(2_000),
    "x".repeat(10_000),
    "é".repeat(5_000),
    "株".repeat(3_000),
    `a${" ".repeat(10_000)}b`,
    `a${" \u3000".repeat(4_000)}b`,
  ]) {
    assertOneHeader(formatTextHeader("Subject", text), "Subject");
  }
});

test("an encoded word has 75 characters at most, and its line 76", () => {
  for (const name of ["Subject", "X-A-Header-With-Quite-A-Long-Name-Indeed"])
    for (const text of ["株式会社".repeat(60), "Où est-ce déjà ? ".repeat(40), "😀".repeat(99), `é${"x".repeat(400)}`])
      for (const line of formatTextHeader(name, text).slice(0, -2).split("\r\n")) {
        assert.ok(line.length <= 76, line);
        for (const word of line.match(/=\?[^?]*\?[BQ]\?[^?]*\?=/g) ?? []) assert.ok(word.length <= 75, word);
      }
});

test("a header for programs keeps its words whole, folds between them and holds ASCII only", () => {
  const long = `<https://shop.test/unsubscribe?id=${"x".repeat(300)}>,`;
  assert.equal(
    formatStructuredHeader("List-Unsubscribe", `${long} <mailto:a@b.test>`),
    `List-Unsubscribe: ${long}\r\n <mailto:a@b.test>\r\n`,
  );
  assert.equal(formatStructuredHeader("List-Id", "é\r\nBcc: x@y.test <a.b>"), "List-Id: Bcc: x@y.test <a.b>\r\n");
  assert.equal(formatStructuredHeader("List-Id", `${"x".repeat(2_000)} é`), undefined);
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
