import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import fc from "fast-check";
import PostalMime, { type Email } from "postal-mime";

import { aMessageRecipient } from "#test/support/compiled-delivery.ts";
import { aShopDelivery, aDkimKey, assertSafeWire, verdictsOf } from "#test/support/message.ts";

import type { EmbeddableImage } from "./choose-body.ts";
import type { CompiledDelivery, MessageRecipient } from "./compiled-message.ts";
import { composeMessage } from "./compose-message.ts";
import { encodeAttachment, encodeInlineImage } from "./encode-file.ts";

const now = new Date("2026-11-21T10:00:00Z");
const picture = Buffer.from("GIF89a-and-so-on");
const pictureUrl = "https://mail.shop.test/nl/jsp/downloadFile.jsp?md5=0123456789abcdef0123456789abcdef&ext=gif";
const html = `<p>Hi</p><img src="${pictureUrl.replaceAll("&", "&amp;")}"><img src="cid:logo"><img src="https://elsewhere.test/x.png">`;

test("text, HTML, images and files are nested as they belong together", async () => {
  const delivery = (hasEmbeddedImages: boolean) =>
    aShopDelivery(
      { htmlSource: html },
      { hasEmbeddedImages },
      { images: images(), attachments: [aFile("Prices.pdf")] },
    );
  const nested = (images: readonly string[]): string[] => [
    "multipart/mixed",
    " multipart/alternative",
    "  text/plain",
    "  multipart/related",
    "   text/html",
    ...images,
    " application/pdf",
  ];
  assert.deepEqual(shapeOf(await contentOf(delivery(true), {})), nested(["   image/gif", "   image/gif"]));
  // What is named by cid: has no other address.
  assert.deepEqual(shapeOf(await contentOf(delivery(false), {})), nested(["   image/gif"]));
  assert.deepEqual(shapeOf(await contentOf(delivery(true), { emailFormat: 1 })), [
    "multipart/mixed",
    " text/plain",
    " application/pdf",
  ]);
  const plain = aShopDelivery({ htmlSource: "<p>Hi</p>" });
  assert.deepEqual(shapeOf(await contentOf(plain, { emailFormat: 2 })), ["text/html"]);
});

test("an image that travels along is the one that the HTML shows, and its address is not asked for", async () => {
  const delivery = aShopDelivery({ htmlSource: html }, { hasEmbeddedImages: true }, { images: images() });
  const mail = await PostalMime.parse(await contentOf(delivery, {}));
  const sources = [...(mail.html ?? "").matchAll(/<img src="([^"]*)"/g)].map(([, source]) => source);
  assert.deepEqual(sources.slice(0, 3), [
    "cid:one@bounce.shop.test",
    "cid:two@bounce.shop.test",
    "https://elsewhere.test/x.png",
  ]);
  assert.deepEqual(
    mail.attachments.map(({ contentId, disposition, content }) => [
      contentId,
      disposition,
      Buffer.from(content as ArrayBuffer),
    ]),
    [
      ["<one@bounce.shop.test>", "inline", picture],
      ["<two@bounce.shop.test>", "inline", picture],
    ],
  );
  const links = aShopDelivery({ htmlSource: html }, {}, { images: images() });
  assert.ok((await PostalMime.parse(await contentOf(links, {}))).html?.includes(pictureUrl.replaceAll("&", "&amp;")));
});

test("the first rule that fits a domain decides how its mails are built; a wish for text holds everywhere", async () => {
  const rule = { structure: "multipart", isRelated: false, hasEmbeddedImages: false } as const;
  const formatRules = [
    { ...rule, mask: "text.*", structure: "text" },
    { ...rule, mask: "*.html.test", structure: "html" },
    { ...rule, mask: "related.test", isRelated: true },
    { ...rule, mask: "images.test", hasEmbeddedImages: true },
    { ...rule, mask: "*.test", structure: "html" },
  ] as const;
  const delivery = aShopDelivery(
    { htmlSource: html.replace("cid:logo", "https://x.test/") },
    {},
    { images: images(), formatRules },
  );
  const shape = async (address: string, emailFormat = 0) =>
    shapeOf(await contentOf(delivery, { address, emailFormat }));
  assert.deepEqual(await shape("a@text.test"), ["text/plain"]);
  assert.deepEqual(await shape("a@TEXT.test", 2), ["text/plain"]);
  assert.deepEqual(await shape("a@x.html.test"), ["text/html"]);
  assert.deepEqual(await shape("a@x.html.test", 1), ["text/plain"]);
  assert.deepEqual(await shape("a@related.test"), [
    "multipart/alternative",
    " text/plain",
    " multipart/related",
    "  text/html",
  ]);
  assert.deepEqual(await shape("a@images.test", 2), ["multipart/related", " text/html", " image/gif"]);
  assert.deepEqual(await shape("a@other.test"), ["text/html"]);
  assert.deepEqual(await shape("a@other.example"), ["multipart/alternative", " text/plain", " text/html"]);
  const forAll = (messageFormat: "multipart" | "text") => aShopDelivery({}, { messageFormat });
  assert.deepEqual(shapeOf(await contentOf(forAll("text"), { emailFormat: 2 })), ["text/plain"]);
  assert.equal(shapeOf(await contentOf(forAll("multipart"), { emailFormat: 1 }))[0], "multipart/alternative");
});

test("each part is in the encoding that makes it shorter, also where values stand in it", async () => {
  const chinese = "亲爱的顾客，您好。这是我们的秋季新品目录。".repeat(20);
  const delivery = aShopDelivery({
    htmlSource: `<p style="margin: 0">Prices</p>`,
    textSource: `${chinese}<%= recipient.firstName %>${chinese}<%= recipient.lastName %>，再见`,
  });
  const content = await contentOf(delivery, {}, { first_name: "张伟", last_name: "line\nbreak" });
  const encodings = [...content.toString().matchAll(/^Content-Transfer-Encoding: (.*)\r$/gm)].map(([, name]) => name);
  assert.deepEqual(encodings, ["base64", "quoted-printable"]);
  assert.equal(linesOf((await PostalMime.parse(content)).text), `${chinese}张伟${chinese}line\nbreak，再见`);
});

test("any content with any values in any structure reads back as it was written, on safe lines, and is signed rightly", async () => {
  const rsa = aDkimKey("rsa-sha256", "s1");
  const edwards = aDkimKey("ed25519-sha256", "s2");
  const records = { "s1._domainkey.shop.test": rsa.record, "s2._domainkey.shop.test": edwards.record };
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(anyText(), anyText()), { minLength: 1, maxLength: 4 }),
      anyText(),
      fc.constantFrom(0, 1, 2),
      fc.boolean(),
      fc.boolean(),
      async (pieces, value, emailFormat, hasFiles, hasImages) => {
        const constants = pieces.map(([text]) => withoutTags(text));
        const source = constants.join("<%= recipient.firstName %>");
        const delivery = {
          ...aShopDelivery(
            {
              subject: "x<%= recipient.firstName %>",
              htmlSource: `<p>${source}</p><img src="cid:logo">`,
              textSource: `a${source}z`,
            },
            { hasEmbeddedImages: hasImages },
            { images: images(), attachments: hasFiles ? [aFile("a.pdf"), aFile("été.txt")] : [] },
          ),
          signingKeys: () => [rsa.key, edwards.key],
        };
        const content = await contentOf(delivery, { emailFormat }, { first_name: value });
        assertSafeWire(content);
        assert.deepEqual(await verdictsOf(content, records), ["pass", "pass"]);
        const mail = await PostalMime.parse(content);
        const inserted = readable(value).slice(0, 1_024).toWellFormed();
        if (emailFormat !== 2)
          assert.equal(linesOf(mail.text), linesOf(`a${constants.map(withLineFeeds).join(withLineFeeds(inserted))}z`));
        if (emailFormat !== 1) {
          const body = mail.html ?? "";
          assert.equal(
            linesOf(body.slice(3, body.lastIndexOf("</p>"))),
            linesOf(constants.map(withLineFeeds).join(escaped(withLineFeeds(inserted)))),
          );
        }
        assert.equal(
          mail.attachments.filter(({ disposition }) => disposition === "attachment").length,
          hasFiles ? 2 : 0,
        );
        assert.equal(
          new Set(mail.headers.map(({ key }) => key)).size,
          mail.headers.length - 1,
          "DKIM-Signature alone is there twice",
        );
      },
    ),
    { numRuns: 250 },
  );
});

test("files are encoded once for a delivery, and come back byte for byte from every message", async () => {
  const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 256));
  const attachments = [
    encodeAttachment({ name: "日本 report/..\\v1.bin", contentType: "message/rfc822", content: bytes }),
  ];
  const delivery = aShopDelivery({}, {}, { attachments });
  for (const emailFormat of [0, 1, 2]) {
    const recipient = aMessageRecipient(delivery, {}, { emailFormat });
    assert.ok(
      delivery.chooseBody(recipient).tail.includes(attachments[0] ?? Buffer.alloc(0)),
      "the same bytes in each form",
    );
    const content = await contentOf(delivery, { emailFormat });
    assertSafeWire(content);
    const [file] = (await PostalMime.parse(content)).attachments;
    assert.equal(file?.filename, "日本 report_.._v1.bin");
    assert.equal(file.mimeType, "application/octet-stream");
    const hash = (given: Buffer) => createHash("sha256").update(given).digest("hex");
    assert.equal(hash(Buffer.from(file.content as ArrayBuffer)), hash(bytes));
  }
});

function images(): Map<string, EmbeddableImage> {
  const file = { name: "logo.gif", contentType: "image/gif", content: picture };
  const image = (contentId: string, isAlwaysEmbedded: boolean): EmbeddableImage => ({
    contentId,
    isAlwaysEmbedded,
    bytes: encodeInlineImage(file, contentId),
  });
  return new Map([
    [pictureUrl, image("one@bounce.shop.test", false)],
    ["cid:logo", image("two@bounce.shop.test", true)],
  ]);
}

function aFile(name: string): Buffer {
  return encodeAttachment({ name, contentType: "application/pdf", content: Buffer.from("%PDF") });
}

async function contentOf(
  delivery: CompiledDelivery,
  given: Partial<MessageRecipient>,
  columns: Record<string, string> = {},
): Promise<Buffer> {
  return (await composeMessage(delivery, aMessageRecipient(delivery, columns, given), now)).content;
}

/** The types of the parts, indented by their depth. */
function shapeOf(content: Buffer): string[] {
  const boundaries: string[] = [];
  const shape: string[] = [];
  for (const line of content.toString("latin1").split("\r\n")) {
    if (line === `--${boundaries.at(-1)}--`) boundaries.pop();
    const type = /^Content-Type: ([^;]*)/.exec(line)?.[1];
    if (type !== undefined) shape.push(" ".repeat(boundaries.length) + type);
    const boundary = /^ boundary="(.*)"$/.exec(line)?.[1];
    if (boundary !== undefined) boundaries.push(boundary);
  }
  return shape;
}

function anyText(): fc.Arbitrary<string> {
  return fc
    .array(
      fc.oneof(
        fc.string({ unit: "grapheme", maxLength: 30 }),
        fc.constantFrom(
          "\r\n.\r\n",
          "\n.\n",
          "\r",
          ".",
          "\u2028",
          "=?UTF-8?Q?=41?=",
          "  ",
          "\t \n",
          "株式会社".repeat(9),
          "x".repeat(1_100),
          "--=_mixed_11--",
          "\r\nBcc: a@b.test\r\n\r\n",
          "\0",
        ),
      ),
      { maxLength: 5 },
    )
    .map((parts) => parts.join(""));
}

/** What an author writes here is text: tags, instructions and addresses have tests of their own. */
function withoutTags(text: string): string {
  return text
    .replace(/[<>&%]|https?:/g, "_")
    .replaceAll("\ufdd0", "_")
    .toWellFormed();
}

/** A value without the controls that are dropped, as it is inserted. */
function readable(value: string): string {
  return /^[\x20-\x7e]*[\x21-\x7e]$/.test(value)
    ? value
    : value.replace(/(?![\t\n\r])[\p{Cc}\ufdd0-\ufdef]/gu, "").trimEnd();
}

function escaped(text: string): string {
  return text.replace(
    /[&<>"']/g,
    (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[sign] ?? "",
  );
}

/** No line break at the end: that is what a mail keeps. */
function linesOf(text: Email["text"]): string {
  return withLineFeeds(text ?? "").replace(/\n+$/, "");
}

/** Line breaks of whatever kind as one; a carriage return before a value and a line feed within it are two. */
function withLineFeeds(text: string): string {
  return text.replace(/\r\n|\r|\n/g, "\n");
}
